# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# The journal: JSON lines, each with the SHA-256 of the line before it.

# Opens the state folder of the migration, takes its lock and reads the journal.
open_journal() {
  journal_file=$state/journal.jsonl
  mkdir -p -- "$state/answers" "$state/samples"
  exec 9>>"$state/lock"
  if ! flock -n 9; then
    say "another run, or an act it has started, holds the lock $state/lock"
    exit 6
  fi
  journal_head=$(printf '0%.0s' {1..64})
  journal_seq=0
  epoch=1
  read -r boot </proc/sys/kernel/random/boot_id
  touch -- "$journal_file"
  cut_torn_line
  verify_journal
  check_host
  [[ -s $state/reserve ]] || {
    head -c 262144 /dev/zero >"$state/reserve.new"
    sync "$state/reserve.new"
    mv -- "$state/reserve.new" "$state/reserve"
  }
  if ((journal_seq == 0)); then
    journal open -1 0 0 "$(jq -cn --arg host "$HOSTNAME" --arg migration "$migration_name" '{$host,$migration}')"
  fi
  ((torn == 0)) || journal torn -1 0 0 '{}'
}

# A last line without its end was being written when the power went: it is set aside.
cut_torn_line() {
  torn=0
  [[ -s $journal_file && -n $(tail -c 1 -- "$journal_file") ]] || return 0
  torn=1
  cp -- "$journal_file" "$state/journal.torn"
  local lines
  lines=$(wc -l <"$journal_file")
  head -n "$lines" -- "$journal_file" >"$journal_file.new"
  sync "$journal_file.new"
  mv -- "$journal_file.new" "$journal_file"
}

# Every line must name the hash of the line before it, and count on.
verify_journal() {
  local line prev seq plan
  local -a fields
  while IFS= read -r line <&3 && IFS=' ' read -r -a fields <&4; do
    seq=${fields[0]} prev=${fields[1]} plan=${fields[2]}
    if [[ $prev != "$journal_head" || $seq != "$((journal_seq + 1))" ]]; then
      say "the journal $journal_file is broken at line $((journal_seq + 1)): stop and find out who changed it"
      exit 7
    fi
    if [[ $plan != "$plan_hash" ]]; then
      say "the journal $journal_file belongs to plan $plan, these scripts to plan $plan_hash"
      exit 1
    fi
    epoch=${fields[3]}
    journal_head=$(printf '%s' "$line" | sha256sum)
    journal_head=${journal_head%% *}
    journal_seq=$seq
  done 3<"$journal_file" 4< <(jq -r '"\(.seq) \(.prev) \(.plan) \(.epoch)"' <"$journal_file" 2>/dev/null)
  if ((journal_seq != $(wc -l <"$journal_file"))); then
    say "the journal $journal_file is broken at line $((journal_seq + 1)): it is not JSON"
    exit 7
  fi
}

# One host walks a migration; another one takes over only when told to.
check_host() {
  local host
  host=$(jq -rs 'map(select(.event == "open" or .event == "take_over")) | last | .data.host // ""' <"$journal_file")
  if [[ -z $take_over && -n $host && $host != "$HOSTNAME" ]]; then
    say "the host $host walks this migration; --take-over REASON moves it here"
    exit 1
  fi
  if [[ -n $take_over ]]; then
    epoch=$((epoch + 1))
    journal take_over -1 0 0 "$(jq -cn --arg host "$HOSTNAME" --arg reason "$take_over" '{$host,$reason}')"
  fi
}

# Appends an entry: event, step (its number, or -1), attempt, exit code, further data as JSON.
journal() {
  local step='' line up rest
  (($2 < 0)) || step=${step_ids[$2]}
  read -r up rest </proc/uptime
  line=$(jq -cn --argjson seq "$((journal_seq + 1))" --arg prev "$journal_head" --arg plan "$plan_hash" \
    --argjson epoch "$epoch" --arg batch "$batch_name" --arg event "$1" --arg step "$step" \
    --argjson attempt "$3" --argjson exit "$4" --argjson data "$5" --arg who "$who" \
    --arg boot "$boot" --argjson uptime "$up" \
    '{$seq,$prev,$plan,$epoch,at:(now|todate),$boot,$uptime,$batch,$event,$step,$attempt,$exit,$who,$data}')
  append_line "$line" || return 1
  journal_seq=$((journal_seq + 1))
  journal_head=$(printf '%s' "$line" | sha256sum)
  journal_head=${journal_head%% *}
}

# On a full disk nothing goes forward; an undo writes into the room that was kept for it.
append_line() {
  if printf '%s\n' "$1" >>"$journal_file" && sync "$journal_file"; then
    return 0
  fi
  cut_torn_line || true
  if ((rolling_back)); then
    rm -f -- "$state/reserve"
    printf '%s\n' "$1" >>"$journal_file" || say 'the journal cannot be written; the undo goes on without it'
    return 0
  fi
  say 'the journal cannot be written: no step forward'
  return 1
}

# What the journal says of each step of this batch: `status`, `attempts`, `changed`.
read_history() {
  local event index attempt exit up line_boot seq wall
  local count=${#step_ids[@]} i
  for ((i = 0; i < count; i++)); do
    status[i]=pending attempts[i]=1 changed[i]=0 since[i]=0 since_boot[i]='' since_wall[i]=0
  done
  while IFS=' ' read -r event index attempt exit up line_boot seq wall; do
    note_event "$event" "$index" "$attempt" "$exit" "$up" "$line_boot" "$seq" "$wall"
  done < <(complete_lines | jq -r '.step as $step | ($ARGS.positional | index($step) // -1) as $index
    | "\(.event) \($index) \(.attempt) \(.exit) \(.uptime * 100 | floor) \(.boot) \(.seq) \(.at | fromdate)"' \
    --args "${step_ids[@]}")
  for ((i = 0; i < step_count; i++)); do
    # A failure that called for no undo is simply tried again.
    if [[ ${status[i]} == failed ]] && ((!rolled_back && !rollback_open)); then
      status[i]=pending attempts[i]=$((attempts[i] + 1))
    fi
  done
}

# The journal without a line that is just being written.
complete_lines() {
  [[ ! -f $journal_file ]] || head -n "$(wc -l <"$journal_file")" -- "$journal_file"
}

# Whether a step number is one of this batch, and not of one before it.
is_ours() {
  (($1 >= 0 && $1 < step_count))
}

note_event() {
  local event=$1 index=$2 attempt=$3 exit=$4 up=$5 line_boot=$6 seq=$7 wall=$8 i
  case $event in
    rollback) ! is_ours "$index" || { rollback_open=1 rollback_cause=$index rollback_up=$up rollback_boot=$line_boot; } ;;
    rolled_back) ! is_ours "$index" || { rollback_open=0 rolled_back=1 rollback_cause=$index rollback_exit=$exit; } ;;
    retry)
      if is_ours "$index"; then
        rolled_back=0 rollback_open=0
        for ((i = 0; i < step_count; i++)); do
          [[ ${status[i]} == undone || ${status[i]} == failed ]] || continue
          status[i]=pending
          attempts[i]=$((attempts[i] + 1))
        done
      fi
      ;;
  esac
  ((index >= 0)) || return 0
  case $event in
    begin) status[index]=begun ;;
    acted | reconciled) status[index]=acted since[index]=$up since_boot[index]=$line_boot since_wall[index]=$wall ;;
    waiting) status[index]=waiting since[index]=$up since_boot[index]=$line_boot since_wall[index]=$wall ;;
    end) status[index]=complete ;;
    failed) status[index]=failed ;;
    undone) status[index]=undone ;;
    *) return 0 ;;
  esac
  attempts[index]=$attempt
  changed[index]=$seq
}
