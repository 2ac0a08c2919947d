# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# One step of a batch: when it may start, its act, its soak, and the answers it waits for.

# Takes steps until nothing can go on.
loop() {
  local i soaking waiting open
  next_watch=0
  while :; do
    [[ -z $held ]] || hold "signal $held"
    soaking=0 waiting=0 open=0 progress=0
    for ((i = 0; i < step_count; i++)); do
      [[ -z $only || $only == "$i" ]] || continue
      [[ -z $held ]] || break
      take "$i"
    done
    ((open > 0)) || finish
    ((progress)) && continue
    read_clock
    if ((now >= next_watch)); then
      watch_members || finish_rolled_back
      read_clock
      watch_interval
      next_watch=$((now + interval))
    fi
    pause_or_stop "$soaking" "$waiting"
  done
}

take() {
  local i=$1
  case ${status[i]} in
    complete) return 0 ;;
    pending)
      if may_start "$i"; then
        start_step "$i"
        progress=1
      fi
      ;;
    acted)
      soaking=1
      finish_soak "$i"
      ;;
    waiting)
      waiting=1
      take_answer "$i"
      ;;
  esac
  [[ ${status[i]} == complete ]] || open=1
}

# Centiseconds between two looks: the smallest `every` of what soaks.
watch_interval() {
  local i
  interval=1500
  for ((i = 0; i < step_count; i++)); do
    if [[ ${status[i]} == acted ]] && ((step_everys[i] < interval)); then
      interval=${step_everys[i]}
    fi
  done
}

# Waits a little, or ends where only time or a person can help and no new side has traffic.
pause_or_stop() {
  local soaking=$1 waiting=$2 i
  if ((!soaking && !waiting)); then
    say_blocked
    exit 3
  fi
  if ((!stay && (waiting || soaking))) && only_waits_long; then
    exit 3
  fi
  read_clock
  local left=$((next_watch - now))
  for ((i = 0; i < step_count; i++)); do
    [[ ${status[i]} == acted ]] || continue
    elapsed "$i"
    ((step_soaks[i] - spent >= left)) || left=$((step_soaks[i] - spent))
  done
  nap "$((left < 5 ? 5 : left > 100 ? 100 : left))"
}

# Whether all that is open is a decision or a person's work with no traffic to watch, or a keep
# period of more than a minute.
only_waits_long() {
  local i member count=${#member_names[@]}
  for ((i = 0; i < step_count; i++)); do
    case ${status[i]} in
      acted)
        elapsed "$i"
        [[ ${step_kinds[i]} == keep ]] && ((step_soaks[i] - spent > 6000)) || return 1
        ;;
      waiting)
        for ((member = 0; member < count; member++)); do
          ! watched "$member" || return 1
        done
        ;;
    esac
  done
}

# Whether a member's traffic is between old and new: it has some, and its cutover is not done.
watched() {
  local i
  has_traffic "$1" || return 1
  for ((i = 0; i < step_count; i++)); do
    [[ ${step_members[i]} != "$1" || ${step_cutovers[i]} != 1 || ${status[i]} == complete ]] || return 0
  done
  return 1
}

say_blocked() {
  local i need
  say "batch $batch_name cannot go on:"
  for ((i = 0; i < step_count; i++)); do
    [[ ${status[i]} == pending ]] || continue
    for need in ${step_needs[i]}; do
      [[ ${status[need]} == complete ]] || say "  ${step_ids[i]} needs ${step_ids[need]}"
    done
  done
}

# Whether all a step needs is done, and its unit may be under way.
may_start() {
  local i=$1 need unit j
  for need in ${step_needs[i]}; do
    [[ ${status[need]} == complete ]] || return 1
  done
  unit=${step_units[i]}
  ((unit >= 0)) || return 0
  local -A active=()
  for ((j = 0; j < step_count; j++)); do
    ((step_units[j] >= 0)) || continue
    [[ ${status[j]} == pending ]] || active[${step_units[j]}]=1
  done
  for ((j = 0; j < step_count; j++)); do
    ((step_units[j] >= 0)) || continue
    if unit_over "${step_units[j]}"; then
      unset "active[${step_units[j]}]"
    fi
  done
  [[ -n ${active[$unit]:-} ]] || unit_over "$unit" || ((${#active[@]} < unit_limit))
}

# Whether a unit leaves its place to the next: settled where they go one after another, ready for
# its cutover where they go side by side.
unit_over() {
  local j wanted
  for ((j = 0; j < step_count; j++)); do
    [[ ${step_units[j]} == "$1" && ${status[j]} != complete ]] || continue
    wanted=${step_befores[j]}
    [[ $unit_until == ready ]] || wanted=$((step_befores[j] | step_cutovers[j]))
    ((!wanted)) || return 1
  done
}

start_step() {
  local i=$1 before code=0
  say "${step_ids[i]} (attempt ${attempts[i]})"
  case ${step_ways[i]} in
    gate | person)
      journal begin "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full'
      wait_for_answer "$i"
      return 0
      ;;
    auto)
      before=$(step_before "$i")
      if [[ -n $before && ${step_has[before]} == *c* ]]; then
        call "$before" check 60 || code=$?
        ((code == 0)) || hold "what is there is not what ${step_ids[before]} left"
      fi
      journal begin "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full'
      status[i]=begun changed[i]=$journal_seq
      code=0
      call "$i" act "${step_limits[i]}" || code=$?
      if ((code == 10)); then
        wait_for_answer "$i"
        return 0
      fi
      ((code == 0)) || step_failed "$i" "$code" 'its act'
      check_reached "$i"
      ;;
    *) journal begin "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full' ;;
  esac
  acted "$i"
}

# The act says it is done; its check must see it, if not at once then soon.
check_reached() {
  local i=$1 code try
  [[ ${step_has[i]} == *c* ]] || return 0
  for try in 1 2 3 4 5; do
    code=0
    call "$i" check 60 || code=$?
    ((code != 0)) || return 0
    nap "$((try * 20))"
  done
  step_failed "$i" "$code" 'its check'
}

acted() {
  local i=$1 member=${step_members[$1]}
  journal acted "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full'
  status[i]=acted changed[i]=$journal_seq
  mark_since "$i"
  ((member < 0)) || {
    unknown_since[member]=''
    calm[member]=0
  }
  next_watch=0 next_check[i]=0 unseen_since[i]='' wrong_shares[i]=0
}

mark_since() {
  read_clock
  since[$1]=$now since_boot[$1]=$boot
  printf -v "since_wall[$1]" '%(%s)T' -1
}

# A failed step is undone as the plan says; one with nothing to undo waits for a person.
step_failed() {
  local i=$1 code=$2 what=$3
  journal failed "$i" "${attempts[i]}" "$code" "$(jq -cn --arg what "$what" '{$what}')" || true
  say "${step_ids[i]}: $what ends with $code"
  if [[ ${step_has[i]} == *u* ]]; then
    status[i]=failed
    read_clock
    roll_back "$i" "$now" "${step_ids[i]} failed" || finish_rolled_back
  fi
  hold "${step_ids[i]} failed, and the plan has no undo for it; the next run tries it again"
}

# Centiseconds since a step was acted or began to wait, in `spent`. After a restart of the machine
# only the wall clock can tell.
elapsed() {
  local i=$1 wall
  if [[ ${since_boot[i]} == "$boot" ]]; then
    read_clock
    spent=$((now - since[i]))
  else
    printf -v wall '%(%s)T' -1
    spent=$(((wall - since_wall[i]) * 100))
  fi
}

# The end of a soak: time over, everything known, no trigger's condition true, verified.
finish_soak() {
  local i=$1 member=${step_members[$1]} code=0
  elapsed "$i"
  local over=$((spent >= step_soaks[i]))
  if [[ ${step_has[i]} == *v* ]] && ! { ((member >= 0)) && has_traffic "$member"; }; then
    read_clock
    ((over || now >= next_check[i])) || return 0
    next_check[i]=$((now + step_everys[i]))
    call "$i" verify "${step_limits[i]}" || code=$?
    ((code != 1)) || step_failed "$i" 1 'its verification'
    if ((code != 0)); then
      ask_for_sight "$i" "$over"
      return 0
    fi
    unseen_since[i]=''
  elif ((over && member >= 0)) && has_traffic "$member"; then
    watch_members || finish_rolled_back
    ((calm[member])) || return 0
  fi
  ((over)) || return 0
  share_is_observed "$i" || return 0
  if [[ ${step_has[i]} == *p* ]]; then
    wait_for_answer "$i"
    return 0
  fi
  end_step "$i" '{}'
}

# A side without requests gives nothing to measure: when a verification has had no answer for a while,
# a person has to look.
ask_for_sight() {
  local i=$1 over=$2 longest=$((rto / 3 < 6000 ? rto / 3 : 6000))
  read_clock
  unseen_since[i]=${unseen_since[i]:-$now}
  ((over && now - unseen_since[i] >= longest)) || return 0
  say "${step_ids[i]}: its verification cannot tell; look at the new side yourself:"
  say "  $here/${step_dirs[i]}/verify"
  wait_for_answer "$i"
}

# Whether the share that was set is the one that the destination sees. One that stays wrong, or
# that nobody can see for a third of the recovery time, is a failure.
share_is_observed() {
  local i=$1 code=0
  [[ -n ${step_weights[i]} && ${step_has[i]} == *c* ]] || return 0
  call "$i" check 60 --observe || code=$?
  ((code != 0)) || return 0
  read_clock
  unseen_since[i]=${unseen_since[i]:-$now}
  ((code != 1)) || wrong_shares[i]=$((${wrong_shares[i]:-0} + 1))
  if ((${wrong_shares[i]:-0} >= 5 || now - unseen_since[i] > rto / 3)); then
    step_failed "$i" "$code" 'the check of the observed share'
  fi
  return 1
}

end_step() {
  journal end "$1" "${attempts[$1]}" 0 "$2" || hold 'the disk is full'
  status[$1]=complete changed[$1]=$journal_seq progress=1
  say "${step_ids[$1]} done"
}

finish() {
  [[ -z $only ]] || exit 0
  if [[ $(complete_lines | jq -rs --arg batch "$batch_name" 'map(select(.batch == $batch)) | last | .event // ""') != batch_done ]]; then
    journal batch_done -1 0 0 '{}' || hold 'the disk is full'
  fi
  say "batch $batch_name is done; head of the journal: $journal_head"
  exit 0
}

show_status() {
  local i
  journal_file=$state/journal.jsonl
  read_history
  for ((i = 0; i < step_count; i++)); do
    printf '%-8s %2s  %s' "${status[i]}" "${attempts[i]}" "${step_ids[i]}"
    if [[ ${status[i]} == waiting && ${step_ways[i]} == gate ]]; then
      due_at "$i"
      printf ', answer by %s' "$due_text"
    fi
    printf '\n'
  done
  ((!rolled_back)) || printf 'rolled back\n'
  [[ ! -s $journal_file ]] || printf 'head %s\n' "$(complete_lines | tail -n 1 | tr -d '\n' | sha256sum | cut -c 1-64)"
}

dry_run() {
  local i
  for ((i = 0; i < step_count; i++)); do
    printf '\n== %s (%s, %s)\n' "${step_ids[i]}" "${step_kinds[i]}" "${step_ways[i]}"
    [[ ${step_ways[i]} != auto ]] || "$here/${step_dirs[i]}/act" --dry-run
    [[ -z ${step_texts[i]} ]] || printf '%s\n' "${step_texts[i]}"
  done
}
