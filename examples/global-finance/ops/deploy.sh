#!/usr/bin/env bash
# Installs what moves through Argo CD, one application for each service and ledger.
#
#   deploy.sh act|check|undo deploy.apply|deploy.remove NAME [from=PLATFORM]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. The old side is
# only ever stopped: the data centres are cleared by their owners once the licences have ended.
set -euo pipefail

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 2
}

healthy() {
  local health
  health=$(argocd app get "$1" --output json | jq -r .status.health.status) \
    || fail "Argo CD does not answer for $1"
  [[ $health == Healthy ]]
}

stopped() {
  local state
  state=$(ssh -o BatchMode=yes -o ConnectTimeout=10 "$1.dc.internal" svcs -H -o state "$1") \
    || fail "$1.dc.internal does not answer"
  [[ $state == disabled ]]
}

old_side() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$1.dc.internal" svcadm "$2" -s "$1" >&2
}

main() {
  [[ $# -ge 3 ]] || fail "usage: deploy.sh act|check|undo VERB NAME [from=PLATFORM]"
  local mode=$1 verb=$2 name=$3 from=${4:-}
  case "$mode $verb $from" in
    "act deploy.apply "*) argocd app sync "$name" --timeout 1800 >&2 ;;
    "check deploy.apply "*) healthy "$name" ;;
    "undo deploy.apply "*) argocd app delete "$name" --yes --wait >&2 ;;
    "act deploy.remove from=dc_"*) old_side "$name" disable ;;
    "undo deploy.remove from=dc_"*) old_side "$name" enable ;;
    "check deploy.remove from=dc_"*) stopped "$name" ;;
    *) fail "cannot $mode $verb $from" ;;
  esac
}

main "$@"
