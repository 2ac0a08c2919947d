# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# By when an answer must be there: limits of gates count in the hours of those who are asked.

# Seconds that the clocks of a calendar are ahead of UTC at an instant, in `offset`.
offset_at() {
  local text
  TZ=${calendar_zones[$1]} printf -v text '%(%z)T' "$2"
  offset=$((10#${text:1:2} * 3600 + 10#${text:3:2} * 60))
  [[ ${text:0:1} == + ]] || offset=$((-offset))
}

# A machine without the time zones would silently count in UTC.
know_zones() {
  local i count=${#calendar_zones[@]} at expected
  for ((i = 0; i < count; i++)); do
    IFS=' ' read -r at expected <<<"${calendar_probes[i]}"
    offset_at "$i" "$at"
    ((offset == expected)) || refuse "this machine does not know the time zone ${calendar_zones[i]}: install tzdata"
  done
}

# The instant, in `instant`, of a civil time of a calendar that is given in seconds as if it were of
# UTC. One that the clocks leave out is taken later, one that comes twice earlier.
instant_of() {
  local calendar=$1 civil=$2 before after
  offset_at "$calendar" $((civil - 86400))
  before=$offset instant=$((civil - offset))
  offset_at "$calendar" "$instant"
  ((offset != before)) || return 0
  offset_at "$calendar" $((civil + 86400))
  after=$offset
  offset_at "$calendar" $((civil - after))
  ((offset != after)) || instant=$((civil - after))
}

# Whether a calendar works on a day, counted from Thursday 1970-01-01.
works_on() {
  local weekday=$((($2 + 3) % 7 + 1))
  [[ " ${calendar_days[$1]} " == *" $weekday "* && " ${calendar_holidays[$1]} " != *" $2 "* ]]
}

# When so many seconds in which a calendar is open have passed since an instant, in `due`.
due_after() {
  local calendar=$1 since=$2 left=$3 day open
  offset_at "$calendar" "$since"
  for ((day = (since + offset) / 86400 - 1; ; day++)); do
    works_on "$calendar" "$day" || continue
    instant_of "$calendar" $((day * 86400 + calendar_opens[calendar] * 60))
    open=$((instant > since ? instant : since))
    instant_of "$calendar" $((day * 86400 + calendar_closes[calendar] * 60))
    ((instant > open)) || continue
    if ((left <= instant - open)); then
      due=$((open + left))
      return 0
    fi
    left=$((left - (instant - open)))
  done
}

# When the time to answer at a gate that was asked at an instant is over, in `due`.
due_from() {
  local i=$1 since=$2 calendar=${gate_calendars[$1]} seconds=$(((gate_withins[$1] + 99) / 100))
  if [[ -n $calendar ]]; then
    due_after "$calendar" "$since" "$seconds"
  else
    due=$((since + seconds))
  fi
}

# The same of a gate that waits, since it was last asked; and as people read it, in `due_text`.
due_at() {
  local i=$1 calendar=${gate_calendars[$1]}
  due_from "$i" "${asked_wall[i]:-${since_wall[i]}}"
  if [[ -n $calendar ]]; then
    TZ=${calendar_zones[calendar]} printf -v due_text '%(%a %F %H:%M %Z)T' "$due"
  else
    printf -v due_text '%(%a %F %H:%M %Z)T' "$due"
  fi
}

# Whether the time to answer at a gate is over.
is_overdue() {
  local i=$1 wall
  if [[ -z ${gate_calendars[i]}${asked_wall[i]:-} ]]; then
    elapsed "$i"
    ((spent > gate_withins[i]))
    return
  fi
  # Hours of the day are those of the clock on the wall.
  due_at "$i"
  printf -v wall '%(%s)T' -1
  ((wall > due))
}
