# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# Watching: measures, triggers, and the undo they call for.

# Centiseconds since the machine started, in `now`.
read_clock() {
  local up rest
  read -r up rest </proc/uptime
  now=$((10#${up/./}))
}

# Sleeps so many centiseconds, waking at once when a signal comes. Nothing left sleeping holds the
# lock.
nap() {
  local whole=$(($1 / 100)) part=$(($1 % 100))
  sleep "$(printf '%d.%02d' "$whole" "$part")" 9>&- 8>&- &
  wait "$!" || true
}

# Whether a member's new side has traffic, as far as the journal says.
has_traffic() {
  local i
  ! is_gone "$1" || return 1
  for ((i = 0; i < step_count; i++)); do
    [[ ${step_members[i]} == "$1" && -n ${step_weights[i]} && ${step_weights[i]} != 0 ]] || continue
    case ${status[i]} in begun | acted | complete) return 0 ;; esac
  done
  return 1
}

# Whether a member is on its new side, by traffic or by data, as the simulation counts it: the last
# step that shifted it says how far.
has_shifted() {
  local i last=''
  (($1 >= 0)) || return 1
  ! is_gone "$1" || return 1
  for ((i = 0; i < step_count; i++)); do
    [[ ${step_members[i]} == "$1" && ${status[i]} =~ ^(begun|acted|complete)$ ]] || continue
    [[ -n ${step_weights[i]} || ${step_kinds[i]} =~ ^(shift|cutover)$ ]] || ((step_cutovers[i])) || continue
    [[ -n $last ]] && ((changed[i] < changed[last])) || last=$i
  done
  [[ -n $last && ${step_weights[last]} != 0 ]]
}

# Whether a member has passed its point of no return: its old side may be away already, and traffic
# sent back there would be lost.
is_gone() {
  local i
  (($1 >= 0)) || return 1
  for ((i = 0; i < step_count; i++)); do
    if [[ ${step_members[i]} == "$1" && ${step_finals[i]} == 1 && ${status[i]} =~ ^(begun|acted|complete)$ ]]; then
      return 0
    fi
  done
  return 1
}

# One value of a member: `value` and, in `known`, whether it may be relied on.
take_measure() {
  local member=$1 name=$2 pair script='' output
  known=0 value=''
  for pair in ${member_measures[member]}; do
    [[ $pair != "$name="* ]] || script=${pair#*=}
  done
  [[ -n $script ]] || return 0
  if output=$(WHIMBREL_STATE=$state limited 15 "$here/$script" --measure "$name" 9>&- 8>&- 2>/dev/null) \
    && [[ $output =~ ^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$ ]]; then
    known=1 value=$output
  fi
}

# Whether `value comparison limit` holds.
compares() {
  awk -v a="$1" -v op="$2" -v b="$3" 'BEGIN {
    if (op == "<") r = a < b; else if (op == "<=") r = a <= b; else if (op == ">") r = a > b
    else if (op == ">=") r = a >= b; else r = a == b
    exit !r }'
}

# Looks at every member with traffic on its new side; rolls back when a trigger has held for its
# time, when a check says that the new side is ill, or when too little is known for too long.
# Sets `calm[member]`: everything known and no trigger's condition true.
watch_members() {
  local member count=${#member_names[@]}
  for ((member = 0; member < count; member++)); do
    calm[member]=1
    has_traffic "$member" || continue
    watch_triggers "$member" || return 1
    watch_checks "$member" || return 1
    judge_unknown "$member" || return 1
  done
}

watch_triggers() {
  local member=$1 t slot
  unknown_now=0
  for t in ${member_triggers[member]}; do
    slot=$((member * 1000 + t))
    take_measure "$member" "${trigger_measures[t]}"
    if ((!known)); then
      unknown_now=1 calm[member]=0
      continue
    fi
    if ! compares "$value" "${trigger_comparisons[t]}" "${trigger_limits[t]}"; then
      held_since[slot]=''
      continue
    fi
    read_clock
    calm[member]=0
    held_since[slot]=${held_since[slot]:-$now}
    if ((now - held_since[slot] >= trigger_holds[t])); then
      roll_back "$(cause_of "$member")" "${held_since[slot]}" \
        "trigger ${trigger_names[t]}: ${trigger_measures[t]} is $value on ${member_names[member]}"
      return 1
    fi
  done
}

# The verification that the plan gives for the step that soaks.
watch_checks() {
  local member=$1 i code
  for ((i = 0; i < step_count; i++)); do
    [[ ${step_members[i]} == "$member" && ${status[i]} == acted && ${step_has[i]} == *v* ]] || continue
    code=0
    call "$i" verify 60 || code=$?
    if ((code == 1)); then
      read_clock
      roll_back "$i" "$now" "the verification of ${step_ids[i]} fails"
      return 1
    elif ((code != 0)); then
      unknown_now=1 calm[member]=0
    fi
  done
}

# Unknown is not fine: no advance, and after a third of the recovery time the undo.
judge_unknown() {
  local member=$1
  read_clock
  if ((!unknown_now)); then
    unknown_since[member]=''
    return 0
  fi
  unknown_since[member]=${unknown_since[member]:-$now}
  if ((now - unknown_since[member] > rto / 3)); then
    roll_back "$(cause_of "$member")" "${unknown_since[member]}" \
      "${member_names[member]} has not been measured for a third of the recovery time"
    return 1
  fi
}

# The last step of a member that has been begun: the one a failure is put down to.
cause_of() {
  local i cause=0
  for ((i = 0; i < step_count; i++)); do
    if [[ ${step_members[i]} == "$1" && ${status[i]} =~ ^(begun|acted|complete)$ ]] && ((changed[i] >= changed[cause])); then
      cause=$i
    fi
  done
  printf '%s\n' "$cause"
}

# Undoes: the traffic of all members first, then the rest in reverse order. It stops at no error,
# asks nobody, and ends when the observed share is zero or the recovery time is over.
roll_back() {
  local cause=$1 from=$2 reason=$3 i phase exit=0
  rolling_back=1
  deadline=$((from + rto))
  say "ROLLING BACK: $reason"
  journal rollback "$cause" "${attempts[cause]}" 0 "$(jq -cn --arg reason "$reason" '{$reason}')" || true
  undone_keys=' '
  for phase in traffic rest; do
    for ((i = step_count - 1; i >= 0; i--)); do
      is_to_undo "$i" "$phase" "$cause" || continue
      undo_step "$i" || exit=4
    done
  done
  verify_undo || exit=4
  rolled_back=1 rollback_open=0 rollback_cause=$cause rollback_exit=$exit rolling_back=0
  journal rolled_back "$cause" "${attempts[cause]}" "$exit" '{}' || true
  if ((exit != 0)); then
    page_incomplete "$reason"
  else
    say 'rolled back: the observed share of the new side is zero; go on with --retry when the cause is mended'
  fi
  return 1
}

is_to_undo() {
  local i=$1 phase=$2 cause=$3
  [[ ${status[i]} =~ ^(begun|acted|complete|failed|waiting)$ ]] || return 1
  ! is_gone "${step_members[i]}" || return 1
  ((!isolate)) || [[ ${step_members[i]} == "${step_members[cause]}" ]] || return 1
  if [[ $phase == traffic ]]; then
    [[ -n ${step_weights[i]} ]]
  else
    [[ -z ${step_weights[i]} && ${step_members[i]} == "${step_members[cause]}" ]] \
      && ((i >= step_retries[cause])) && [[ ${step_has[i]} == *u* || ${step_kinds[i]} == gate ]]
  fi
}

# Steps that one and the same undo takes back share its key, and it runs once.
undo_step() {
  local i=$1 code=0 try
  if [[ ${step_kinds[i]} == gate ]]; then
    status[i]=undone
    journal undone "$i" "${attempts[i]}" 0 '{}' || true
    return 0
  fi
  if [[ ${step_has[i]} != *u* ]]; then
    say "nothing undoes ${step_ids[i]}: take its traffic back by hand"
    code=1
  elif [[ $undone_keys != *" ${step_undos[i]} "* ]]; then
    for try in 1 2 3; do
      code=0
      call "$i" undo "$(remaining_seconds)" || code=$?
      ((code != 0)) || break
      say "the undo of ${step_ids[i]} ends with $code, try $try"
    done
  fi
  if ((code != 0)); then
    status[i]=failed
    journal undo_failed "$i" "${attempts[i]}" "$code" '{}' || true
    return 1
  fi
  undone_keys+="${step_undos[i]} "
  status[i]=undone
  journal undone "$i" "${attempts[i]}" 0 '{}' || true
}

# Time left to undo, but never so little that nothing could be done.
remaining_seconds() {
  local left
  read_clock
  left=$(((deadline - now) / 100))
  printf '%s\n' "$((left < 5 ? 5 : left))"
}

# What was undone must be seen to be so, at the destination and not only in the control plane.
verify_undo() {
  local i key code result=0
  for ((i = step_count - 1; i >= 0; i--)); do
    key=${step_undos[i]}
    [[ ${status[i]} == undone && ${step_has[i]} == *n* && $undone_keys == *" $key "* ]] || continue
    undone_keys=${undone_keys/ $key / }
    while :; do
      code=0
      call "$i" undone "$(remaining_seconds)" --observe || code=$?
      ((code != 0)) || break
      read_clock
      if ((now >= deadline)); then
        say "the undo of ${step_ids[i]} is not seen to be complete"
        result=4
        break
      fi
      nap 20
    done
  done
  return "$result"
}

# Pages, and says what is left for a person to do.
page_incomplete() {
  local i
  write_heartbeat 1
  say "THE UNDO IS INCOMPLETE ($1). Run by hand:"
  for ((i = step_count - 1; i >= 0; i--)); do
    if [[ ${step_has[i]} == *u* && ${status[i]} =~ ^(begun|acted|complete|failed)$ ]]; then
      say "  $here/${step_dirs[i]}/undo"
    fi
  done
  [[ -z ${WHIMBREL_PAGER:-} ]] || limited 15 "$WHIMBREL_PAGER" "whimbrel: undo incomplete: $batch_name" 9>&- 8>&- || true
}

# One line that a Prometheus text file collector reads, and the last chain head for the status.
write_heartbeat() {
  local file=${WHIMBREL_HEARTBEAT:-$state/heartbeat.prom} labels at
  labels="{migration=\"$migration_slug\",batch=\"$batch_slug\"}"
  printf -v at '%(%s)T' -1
  {
    printf 'whimbrel_walker_heartbeat_timestamp_seconds%s %s\n' "$labels" "$at"
    printf 'whimbrel_walker_active%s %s\n' "$labels" "${2:-1}"
    printf 'whimbrel_rollback_incomplete%s %s\n' "$labels" "$1"
  } >"$file.$BASHPID" || return 0
  mv -- "$file.$BASHPID" "$file" || true
}

# Beats every 15 s for as long as the walker lives: it notices the end of the pipe.
start_heartbeat() {
  exec 8> >(
    exec 9>&-
    trap '' INT TERM HUP
    while :; do
      write_heartbeat 0
      code=0
      read -r -t 15 || code=$?
      ((code > 128)) || exit 0
    done
  )
}
