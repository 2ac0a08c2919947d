#!/usr/bin/env bash
# Installs a service of the shop on Kubernetes and removes it from either side.
#
#   deploy.sh act|check|undo deploy.apply|deploy.remove SERVICE [from=PLATFORM]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. A second call
# does nothing. It wants kubectl with a context on the cluster, ssh with keys for the machines, and
# the manifests of the shop in MANIFESTS.
set -euo pipefail

readonly namespace=${NAMESPACE:-boutique}
readonly manifests=${MANIFESTS:-kubernetes-manifests}
readonly machines=${MACHINES:-shop.internal}

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 2
}

cluster() {
  kubectl --namespace "$namespace" --request-timeout 30s "$@"
}

machine() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$service.$machines" "$@"
}

# The Redis of the carts is described beside the service that owns it.
manifest() {
  case $service in
    redis-cart) printf '%s/cartservice.yaml' "$manifests" ;;
    *) printf '%s/%s.yaml' "$manifests" "$service" ;;
  esac
}

cluster_apply() {
  cluster apply --filename "$(manifest)" --selector "app=$service" >&2
  cluster rollout status "deployment/$service" --timeout 10m >&2
}

cluster_runs() {
  local available
  available=$(cluster get deployment "$service" --ignore-not-found \
    --output 'jsonpath={.status.availableReplicas}') || fail "the cluster does not answer"
  [[ ${available:-0} -gt 0 ]]
}

cluster_remove() {
  cluster delete "deployment/$service" "service/$service" --ignore-not-found --timeout 5m >&2
}

machine_runs() {
  local state
  state=$(machine systemctl show --property ActiveState --value "$service") ||
    fail "$service.$machines does not answer"
  [[ $state == active ]]
}

main() {
  [[ $# -ge 3 ]] || fail "usage: deploy.sh act|check|undo VERB SERVICE [from=PLATFORM]"
  local mode=$1 verb=$2 from=""
  readonly service=$3
  shift 3
  for argument in "$@"; do
    case $argument in
      from=*) from=${argument#from=} ;;
      *) fail "unknown argument $argument" ;;
    esac
  done
  case "$mode $verb $from" in
    "act deploy.apply "* | "undo deploy.remove ") cluster_runs || cluster_apply ;;
    "check deploy.apply "*) cluster_runs ;;
    "act deploy.remove vms") machine sudo systemctl disable --now "$service" >&2 ;;
    "check deploy.remove vms") ! machine_runs ;;
    "undo deploy.remove vms") machine sudo systemctl enable --now "$service" >&2 ;;
    "act deploy.remove "* | "undo deploy.apply "*) cluster_remove ;;
    "check deploy.remove "*) ! cluster_runs ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
