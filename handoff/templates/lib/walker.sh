# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of this folder and `run` share their variables
# The walker of a batch: takes its steps in order, keeps the journal, watches and undoes.

help() {
  cat <<'HELP'
Usage: run [OPTION]

Walks the steps of one batch, from the last good one on.

  --status           what has been done
  --dry-run          what would be done; touches nothing
  --step ID          this step only
  --approve ID       approves a gate (needs --by; --despite REASON where a measure is unknown)
  --done ID          a person has done this step (needs --by)
  --by WHO           who approves or has done it
  --rollback REASON  undoes now
  --retry            starts the next attempt after a rollback
  --stay             waits through long keep periods instead of ending with 3
  --take-over REASON goes on with a walk that another host has begun
  --state FOLDER     where journal, lock and answers are (default: WHIMBREL_STATE, else
                     ~/.local/state/whimbrel/MIGRATION)

Environment: WHIMBREL_PROJECT (the folder of the plan and its own scripts; default: the one you
are in), WHIMBREL_WHO (who walks), WHIMBREL_PAGER (a command that pages), WHIMBREL_HEARTBEAT
(file for Prometheus' text file collector), WHIMBREL_SIGNING_KEY (signs approvals),
WHIMBREL_ALLOWED_SIGNERS (verifies them).

Exit codes: 0 done; 1 refused or wrong use; 2 rolled back; 3 waits for an approval, a person or a
period; 4 the undo is incomplete; 5 held: a signal, or a state nobody expected; 6 locked; 7 the
journal is broken.
HELP
}

read_options() {
  mode=walk only='' by='' despite='' take_over='' stay=0 reason='' target=''
  state=${WHIMBREL_STATE:-}
  while (($# > 0)); do
    case $1 in
      --help) mode=help ;;
      --status) mode=status ;;
      --dry-run) mode=dry_run ;;
      --retry) mode=retry ;;
      --stay) stay=1 ;;
      --step | --approve | --done | --by | --despite | --rollback | --take-over | --state)
        (($# > 1)) || refuse "$1 needs a value"
        read_value "$1" "$2"
        shift
        ;;
      *) refuse "there is no option $1; --help lists them" ;;
    esac
    shift
  done
}

read_value() {
  case $1 in
    --step) mode=walk target=$2 ;;
    --approve) mode=approve target=$2 ;;
    --done) mode=confirm target=$2 ;;
    --by) by=$2 ;;
    --despite) despite=$2 ;;
    --rollback) mode=rollback reason=$2 ;;
    --take-over) take_over=$2 ;;
    --state) state=$2 ;;
  esac
}

refuse() {
  say "$1"
  exit 1
}

# The number of a step of this batch, in `only`.
find_step() {
  local i
  for ((i = 0; i < step_count; i++)); do
    if [[ ${step_ids[i]} == "$1" ]]; then
      only=$i
      return 0
    fi
  done
  refuse "this batch has no step $1; --status lists them"
}

walk() {
  umask 077
  here=$(cd -- "$(dirname -- "$0")" && pwd)
  rolling_back=0 rollback_open=0 rolled_back=0 rollback_cause=0 rollback_exit=0 held='' boot=''
  declare -ga status=() attempts=() changed=() since=() since_boot=() calm=() held_since=() unknown_since=() since_wall=() asked_wall=()
  read_options "$@"
  [[ $mode != help ]] || {
    help
    exit 0
  }
  [[ $mode != dry_run ]] || {
    dry_run
    exit 0
  }
  preflight
  [[ -z $target ]] || find_step "$target"
  case $mode in
    status) show_status ;;
    approve | confirm) answer ;;
    *) walk_locked ;;
  esac
}

preflight() {
  local name
  for name in jq flock sha256sum timeout awk sync mktemp "${needed_commands[@]}"; do
    command -v -- "$name" >/dev/null || refuse "the command $name is missing"
  done
  [[ $mode != walk && $mode != retry ]] || find_scripts
  know_zones
  for name in "${needed_environment[@]}"; do
    [[ -n ${!name:-} ]] || refuse "the environment variable $name is not set"
  done
  state=${state:-${XDG_STATE_HOME:-${HOME:-/var/lib}/.local/state}/whimbrel/$migration_slug}
  who=${WHIMBREL_WHO:-${SUDO_USER:-$(id -un)}}
  mkdir -p -- "$state"
  state=$(cd -- "$state" && pwd)
  export WHIMBREL_STATE=$state
}

# The plan's own scripts must be there before a step that calls one begins.
find_scripts() {
  local name path
  for name in "${needed_scripts[@]}"; do
    path=$name
    [[ $name == /* ]] || path=${WHIMBREL_PROJECT:-.}/$name
    [[ -x $path ]] || refuse "there is no script $path that can be run; WHIMBREL_PROJECT names the folder of the plan"
  done
}

walk_locked() {
  open_journal
  read_history
  trap 'held=HUP' HUP
  trap 'held=INT' INT
  trap 'held=TERM' TERM
  start_heartbeat
  trap 'write_heartbeat "$((rollback_exit != 0))" 0' EXIT
  if ((rollback_open)); then
    read_clock
    [[ $rollback_boot == "$boot" ]] || rollback_up=$now
    roll_back "$rollback_cause" "$rollback_up" 'the rollback that was interrupted' || true
    finish_rolled_back
  fi
  if [[ $mode == rollback ]]; then
    can_undo "$(last_changed)" || refuse 'nothing of this batch can be undone'
    read_clock
    roll_back "$(last_changed)" "$now" "$reason, asked for by $who" || true
    finish_rolled_back
  fi
  if [[ $mode == retry ]]; then
    ((rolled_back)) || refuse 'nothing has been rolled back'
    # What was measured in the attempt before says nothing of this one.
    rm -f -- "$state"/samples/*
    journal retry "$rollback_cause" "$((attempts[rollback_cause] + 1))" 0 '{}' || hold 'the disk is full'
    read_history
  fi
  ((!rolled_back)) || finish_rolled_back
  resume
  loop
}

# Whether an undo put down to a step would do anything at all.
can_undo() {
  local i
  for ((i = 0; i < step_count; i++)); do
    if is_to_undo "$i" traffic "$1" || is_to_undo "$i" rest "$1"; then
      return 0
    fi
  done
  return 1
}

last_changed() {
  local i last=0
  for ((i = 0; i < step_count; i++)); do
    ((changed[i] <= changed[last])) || last=$i
  done
  printf '%s\n' "$last"
}

finish_rolled_back() {
  say "batch $batch_name is rolled back; --retry starts the next attempt"
  ((rollback_exit == 0)) || exit 4
  exit 2
}

# Before going on: what the finished steps claim must be so, and what was begun is looked at.
resume() {
  local i code
  for ((i = 0; i < step_count; i++)); do
    [[ ${status[i]} == begun || ${status[i]} == acted || ${status[i]} == complete ]] || continue
    is_latest "$i" || continue
    if [[ ${status[i]} == begun ]]; then
      reconcile "$i"
      continue
    fi
    [[ ${step_has[i]} == *c* ]] || continue
    code=0
    call "$i" check 60 || code=$?
    ((code == 0)) || hold "the journal says ${step_ids[i]} is done, but its check ends with $code"
  done
  for ((i = 0; i < step_count; i++)); do
    # A soak that was interrupted starts again in full; a keep period counts on.
    if [[ ${status[i]} == acted && ${step_kinds[i]} != keep ]]; then
      read_clock
      mark_since "$i"
    fi
  done
  watch_members || finish_rolled_back
}

# Whether no later step has changed the same thing since.
is_latest() {
  local i=$1 j
  [[ -n ${step_effects[i]} ]] || return 0
  for ((j = 0; j < step_count; j++)); do
    [[ ${step_effects[j]} != "${step_effects[i]}" || ${status[j]} == pending ]] || ((changed[j] <= changed[i])) || return 1
  done
}

# A step that was begun and never ended: reached, or as before, or neither.
reconcile() {
  local i=$1 code=0 before
  if [[ ${step_ways[i]} != auto ]]; then
    # Nothing was done but the entry itself.
    status[i]=pending
    return 0
  fi
  if [[ -s $(answer_file "$i") ]]; then
    status[i]=waiting
    return 0
  fi
  if [[ ${step_has[i]} != *c* ]]; then
    hold "nothing can tell how far ${step_ids[i]} came; look, then --done it or --rollback"
  fi
  call "$i" check 60 || code=$?
  if ((code == 0)); then
    journal reconciled "$i" "${attempts[i]}" 0 '{}' || hold 'the disk is full'
    read_clock
    status[i]=acted
    mark_since "$i"
    return 0
  fi
  ((code == 1)) || hold "${step_ids[i]} was begun and its check cannot tell how far it came"
  before=$(step_before "$i")
  if [[ -n $before && ${step_has[before]} == *c* ]]; then
    code=0
    call "$before" check 60 || code=$?
    ((code == 0)) || hold "${step_ids[i]} was begun, and neither it nor ${step_ids[before]} describes what is there"
  fi
  status[i]=pending
}

# The finished step that last changed the same thing, if any.
step_before() {
  local i=$1 j before=''
  [[ -n ${step_effects[i]} ]] || return 0
  for ((j = 0; j < step_count; j++)); do
    [[ $j != "$i" && ${step_effects[j]} == "${step_effects[i]}" && ${status[j]} =~ ^(acted|complete)$ ]] || continue
    if [[ -z $before ]] || ((changed[j] > changed[before])); then
      before=$j
    fi
  done
  printf '%s\n' "$before"
}

# Holds everything as it is and says how to undo without the walker.
hold() {
  local i
  journal hold -1 0 5 "$(jq -cn --arg reason "$1" '{$reason}')" 2>/dev/null || true
  say "HELD: $1. Nothing is changed, nothing is watched from here on."
  say "Go on: $0   Undo: $0 --rollback 'REASON'   Without the walker:"
  for ((i = step_count - 1; i >= 0; i--)); do
    if [[ ${step_has[i]} == *u* && ${status[i]} =~ ^(begun|acted|complete)$ ]]; then
      say "  $here/${step_dirs[i]}/undo"
    fi
  done
  exit 5
}

# One script of a step, with its time limit. A signal to the walker does not reach it.
call() {
  local i=$1 script=$2 limit=$3 code=0
  shift 3
  limited "$limit" "$here/${step_dirs[i]}/$script" "$@" 8>&- </dev/null &
  local child=$!
  while :; do
    code=0
    wait "$child" || code=$?
    # A wait that a signal ended leaves the child running.
    if ((code <= 128)) || ! kill -0 "$child" 2>/dev/null; then
      break
    fi
  done
  if ((code > 128)); then
    local again=0
    wait "$child" 2>/dev/null || again=$?
    ((again == 127)) || code=$again
  fi
  return "$code"
}
