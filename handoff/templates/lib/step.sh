# shellcheck shell=bash
# What every step script shares: its options, time limits and checks of what it needs.
# Exit codes of a step script: 0 done or reached, 1 not reached or failed, 2 cannot tell,
# 10 a person has to go on, 64 wrong use.

# Reads the options of a step script. `--dry-run` prints what would run and touches nothing: the
# script ends here, before the first command of its own. Where the executor can say how things
# stand, an act adds it; that only reads.
begin_step() {
  observe=0
  measure=''
  while (($# > 0)); do
    case $1 in
      --help)
        sed -n '2,/^set -/{/^set -/!s/^# \{0,1\}//p;}' -- "$0"
        printf 'Options: --dry-run prints the commands and touches nothing; --help prints this.\n'
        exit 0
        ;;
      --dry-run)
        printf 'would run:\n'
        sed -n '/^# What it does:$/,$p' -- "$0"
        how_it_stands
        exit 0
        ;;
      --observe) observe=1 ;;
      --measure)
        (($# > 1)) || wrong_use '--measure needs a name'
        measure=$2
        shift
        ;;
      *) wrong_use "there is no option $1" ;;
    esac
    shift
  done
  export observe measure
  need_commands timeout
}

how_it_stands() {
  local ask=${here:?}/dry-run
  [[ ${0##*/} == act && -x $ask ]] || return 0
  printf 'as things stand:\n'
  "$ask" || printf 'cannot tell (exit %s)\n' "$?"
}

wrong_use() {
  say "$1; --help lists the options"
  exit 64
}

say() {
  printf '%s\n' "$*" >&2
}

# Ends the script unless every command is there.
need_commands() {
  local name
  for name in "$@"; do
    command -v -- "$name" >/dev/null || {
      say "the command $name is missing"
      exit 2
    }
  done
}

# Ends the script unless every environment variable is set. Their values are never printed.
need_environment() {
  local name
  for name in "$@"; do
    if [[ ! $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ || -z ${!name:-} ]]; then
      say "the environment variable $name is not set"
      exit 2
    fi
  done
}

# Runs a command that may take so many seconds. Its children end with it.
limited() {
  local seconds=$1
  shift
  timeout --kill-after=5 -- "$seconds" "$@"
}

# Where the walker keeps its state; a script run by hand may keep samples there, too.
state_folder() {
  local folder=${WHIMBREL_STATE:-${XDG_STATE_HOME:-${HOME:-/tmp}/.local/state}/whimbrel/by-hand}
  mkdir -p -- "$folder"
  printf '%s\n' "$folder"
}

# Seconds since the machine started, which no clock change disturbs.
uptime_seconds() {
  local up rest
  read -r up rest </proc/uptime
  printf '%s\n' "$up"
}
