#!/usr/bin/env bash
# Installs what moves with Kustomize, and stops it on either side.
#
#   deploy.sh act|check|undo deploy.apply|deploy.remove NAME [from=PLATFORM]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell.
set -euo pipefail

readonly namespace=${NAMESPACE:-market}

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 2
}

cluster() {
  kubectl --namespace "$namespace" --request-timeout 30s "$@"
}

runs() {
  local names
  names=$(cluster get deployments,statefulsets --selector "app=$1" --output name) \
    || fail "the cluster does not answer"
  [[ -n $names ]]
}

hall() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$1.market.internal" sudo systemctl "$2" --now "$1" >&2
}

hall_runs() {
  local state
  state=$(ssh -o BatchMode=yes -o ConnectTimeout=10 "$1.market.internal" systemctl show \
    --property ActiveState --value "$1") || fail "$1.market.internal does not answer"
  [[ $state == active ]]
}

main() {
  [[ $# -ge 3 ]] || fail "usage: deploy.sh act|check|undo VERB NAME [from=PLATFORM]"
  local mode=$1 verb=$2 name=$3 from=${4:-}
  case "$mode $verb $from" in
    "act deploy.apply "*) cluster apply --kustomize "deploy/$name" >&2 ;;
    "check deploy.apply "*) runs "$name" ;;
    "act deploy.remove from=hall") hall "$name" disable ;;
    "undo deploy.remove from=hall") hall "$name" enable ;;
    "check deploy.remove from=hall") ! hall_runs "$name" ;;
    "act deploy.remove "* | "undo deploy.apply "*)
      cluster delete --kustomize "deploy/$name" --ignore-not-found --timeout 5m >&2
      ;;
    "check deploy.remove "*) ! runs "$name" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
