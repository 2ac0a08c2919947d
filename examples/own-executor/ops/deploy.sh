#!/usr/bin/env bash
# Installs and removes a service on either side.
#
#   deploy.sh act|check|undo deploy.apply|deploy.remove NAME [from=machines]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. A second call
# does nothing.
set -euo pipefail

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 2
}

cluster() {
  kubectl --namespace "${NAMESPACE:-shop}" --request-timeout 30s "$@" || fail 'the cluster does not answer'
}

machine() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$@" || fail 'the machine does not answer'
}

is_installed() {
  [[ -n $(cluster get deployment "$1" --ignore-not-found --output name) ]]
}

is_running() {
  [[ $(machine "$1.shop.internal" systemctl is-enabled "$1" '||' true) == enabled ]]
}

main() {
  [[ $# -ge 3 ]] || fail 'usage: deploy.sh act|check|undo VERB NAME [from=machines]'
  local mode=$1 verb=$2 name=$3 from=${4:-}
  case "$mode $verb $from" in
    'act deploy.apply ') cluster apply --filename "manifests/$name.yaml" ;;
    'check deploy.apply ') is_installed "$name" ;;
    'undo deploy.apply ' | 'act deploy.remove ') cluster delete --filename "manifests/$name.yaml" --ignore-not-found ;;
    'check deploy.remove ') ! is_installed "$name" ;;
    'act deploy.remove from='*) machine "$name.shop.internal" sudo systemctl disable --now "$name" ;;
    'check deploy.remove from='*) ! is_running "$name" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
