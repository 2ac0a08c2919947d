#!/usr/bin/env bash
# Installs a service on the cluster with Helm, and stops it on either side.
#
#   deploy.sh act|check|undo deploy.apply|deploy.remove SERVICE [from=PLATFORM]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. The chart is
# the same for all forty; `values/SERVICE.yaml` says what differs.
set -euo pipefail

readonly namespace=${NAMESPACE:-shop}
readonly chart=${CHART:-charts/service}

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 2
}

installed() {
  helm list --namespace "$namespace" --filter "^$1\$" --deployed --short | grep -qxF -- "$1"
}

install() {
  helm upgrade "$1" "$chart" --install --namespace "$namespace" --values "values/$1.yaml" \
    --atomic --timeout 10m >&2
}

on_machines() {
  ansible "$1" --inventory inventory/ec2 --become --module-name systemd --args "name=$1 $2" >&2
}

main() {
  [[ $# -ge 3 ]] || fail "usage: deploy.sh act|check|undo VERB SERVICE [from=PLATFORM]"
  local mode=$1 verb=$2 service=$3 from=${4:-}
  case "$mode $verb $from" in
    "act deploy.apply "*) installed "$service" || install "$service" ;;
    "check deploy.apply "*) installed "$service" ;;
    "act deploy.remove from=ec2") on_machines "$service" "state=stopped enabled=false" ;;
    "undo deploy.remove from=ec2") on_machines "$service" "state=started enabled=true" ;;
    "check deploy.remove from=ec2") on_machines "$service" "state=stopped enabled=false --check" ;;
    "act deploy.remove "* | "undo deploy.apply "*)
      ! installed "$service" || helm uninstall "$service" --namespace "$namespace" --wait >&2
      ;;
    "check deploy.remove "*) ! installed "$service" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
