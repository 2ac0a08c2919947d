# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# Answers of people: approvals of gates, and work that is theirs to do.

answer_file() {
  printf '%s/answers/%s-%s-%s.json\n' "$state" "$batch_slug" "${step_dirs[$1]}" "${attempts[$1]}"
}

wait_for_answer() {
  local i=$1
  journal waiting "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full'
  status[i]=waiting changed[i]=$journal_seq
  mark_since "$i"
  asked_wall[i]=''
  say_wanted "$i"
}

# What is wanted of whom, and how to say that it is done.
say_wanted() {
  local i=$1 id
  printf -v id '%q' "${step_ids[i]}"
  [[ -z ${step_texts[i]} ]] || say "  ${step_texts[i]}"
  if [[ ${step_ways[i]} == gate ]]; then
    [[ -z ${gate_whens[i]} ]] || say "  must hold: ${gate_whens[i]//$'\n'/, }"
    say "  approve: $0 --approve $id --by WHO"
    due_at "$i"
    say "  answer by $due_text (${gate_limits[i]}); then $(said_of_silence "$i")"
  else
    say "  confirm: $0 --done $id --by WHO"
  fi
}

said_of_silence() {
  if [[ ${gate_else[$1]} == undo ]]; then
    printf 'it is undone\n'
  else
    printf 'it is asked again\n'
  fi
}

# `--approve` and `--done`: writes the answer beside the journal; the walker takes it from there.
answer() {
  local i=$only measured='{}' file now_wall expires
  [[ -n $by ]] || refuse '--by is needed: who answers'
  journal_file=$state/journal.jsonl
  mkdir -p -- "$state/answers"
  read_history
  if [[ $mode == approve ]]; then
    [[ ${step_ways[i]} == gate ]] || refuse "${step_ids[i]} is not a gate"
    check_approver "$i"
    measure_gate "$i"
    printf -v now_wall '%(%s)T' -1
    due_from "$i" "$now_wall"
    expires=$due
  else
    [[ ${step_ways[i]} != gate ]] || refuse "${step_ids[i]} is a gate: --approve it"
    printf -v expires '%(%s)T' -1
    expires=$((expires + 14400))
  fi
  file=$(answer_file "$i")
  jq -cn --arg plan "$plan_hash" --arg step "${step_ids[i]}" --argjson attempt "${attempts[i]}" \
    --arg by "$by" --argjson measured "$measured" --arg despite "$despite" --argjson expires "$expires" \
    '{$plan,$step,$attempt,$by,$measured,$despite,$expires,at:(now|todate)}' >"$file.new"
  rm -f -- "$file.sig"
  if [[ -n ${WHIMBREL_SIGNING_KEY:-} ]]; then
    limited 30 ssh-keygen -Y sign -q -f "$WHIMBREL_SIGNING_KEY" -n whimbrel "$file.new" 2>/dev/null
    mv -- "$file.new.sig" "$file.sig"
  fi
  sync "$file.new"
  mv -- "$file.new" "$file"
  say "noted; a running walker takes it up, else: $0"
}

# The approver is one of those the plan names, and not the one who walks.
check_approver() {
  local i=$1 name walker
  if [[ -n ${gate_names[i]} ]]; then
    while IFS= read -r name; do
      [[ $name != "$by" ]] || break
    done <<<"${gate_names[i]}"
    [[ $name == "$by" ]] || refuse "the plan lets only ${gate_names[i]//$'\n'/ or } approve ${step_ids[i]}"
  fi
  walker=$(complete_lines | jq -rs 'last | .who // ""')
  if [[ ${gate_not_by[i]} == executor && -n $walker && $walker == "$by" ]]; then
    refuse "$by walks this batch and must not approve ${step_ids[i]}"
  fi
}

# What a gate's conditions measure now, in `measured`; refuses when one does not hold.
measure_gate() {
  local i=$1 name comparison limit
  measured='{}'
  while IFS=' ' read -r name comparison limit; do
    [[ -n $name ]] || continue
    known=0
    ((step_members[i] < 0)) || take_measure "${step_members[i]}" "$name"
    if ((!known)); then
      [[ -n $despite ]] || refuse "$name is not known; --despite REASON approves all the same"
      measured=$(jq -c --arg name "$name" '.[$name] = null' <<<"$measured")
      continue
    fi
    compares "$value" "$comparison" "$limit" || refuse "$name is $value, and must be $comparison $limit"
    measured=$(jq -c --arg name "$name" --argjson value "$value" '.[$name] = $value' <<<"$measured")
  done <<<"${gate_whens[i]}"
}

# Looks for the answer a step waits for; silence has its consequences, too.
take_answer() {
  local i=$1 file
  file=$(answer_file "$i")
  if [[ -s $file ]]; then
    accept "$i" "$file"
    return 0
  fi
  [[ ${step_ways[i]} == gate ]] || return 0
  local overdue=0
  ! is_overdue "$i" || overdue=1
  elapsed "$i"
  if ((overdue)) && [[ ${gate_else[i]} == undo ]]; then
    silence "$i" 'nobody has answered in time'
  elif [[ -n ${gate_holds[i]} ]] && ((spent > gate_holds[i])) && has_shifted "${step_members[i]}"; then
    silence "$i" 'traffic has been held for too long without an answer'
  elif ((overdue)); then
    printf -v "asked_wall[$i]" '%(%s)T' -1
    say "${step_ids[i]}: nobody has answered in time; ask again and escalate"
    [[ -z ${WHIMBREL_PAGER:-} ]] || limited 15 "$WHIMBREL_PAGER" "whimbrel: ${step_ids[i]} waits" 9>&- 8>&- || true
  fi
}

silence() {
  read_clock
  roll_back "$1" "$now" "${step_ids[$1]}: $2" || finish_rolled_back
}

# Checks what an answer binds: plan, step, attempt, time, signature.
accept() {
  local i=$1 file=$2 signature data code=0 wall
  printf -v wall '%(%s)T' -1
  if ! jq -e --arg plan "$plan_hash" --arg step "${step_ids[i]}" --argjson attempt "${attempts[i]}" \
    --argjson now "$wall" '.plan == $plan and .step == $step and .attempt == $attempt and .expires > $now' <"$file" >/dev/null; then
    say "${step_ids[i]}: the answer is for something else, or has expired"
    mv -- "$file" "$file.refused"
    return 0
  fi
  signature=$(signature_of "$file")
  if [[ $signature == invalid ]]; then
    say "${step_ids[i]}: the signature of the answer is not valid"
    mv -- "$file" "$file.refused"
    return 0
  fi
  data=$(jq -c --arg signature "$signature" '{by,measured,despite,expires,$signature}' <"$file")
  if [[ ${step_ways[i]} == gate ]]; then
    end_step "$i" "$data"
    return 0
  fi
  if [[ ${step_has[i]} == *c* ]]; then
    call "$i" check 60 || code=$?
    if ((code != 0)); then
      say "${step_ids[i]}: said to be done, but its check ends with $code"
      mv -- "$file" "$file.refused"
      return 0
    fi
  fi
  end_step "$i" "$data"
}

signature_of() {
  local file=$1 signer
  if [[ ! -s $file.sig ]]; then
    printf 'unsigned\n'
  elif [[ -z ${WHIMBREL_ALLOWED_SIGNERS:-} ]]; then
    printf 'unverified\n'
  else
    signer=$(jq -r .by <"$file")
    if limited 30 ssh-keygen -Y verify -q -f "$WHIMBREL_ALLOWED_SIGNERS" -I "$signer" -n whimbrel -s "$file.sig" <"$file" >/dev/null 2>&1; then
      printf 'verified\n'
    else
      printf 'invalid\n'
    fi
  fi
}
