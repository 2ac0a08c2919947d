#!/usr/bin/env bash
# Sets the share of a service's requests that the mesh sends to its new side.
#
#   traffic.sh act|check|undo traffic.shift|traffic.mirror SERVICE [to=SHARE] [share=SHARE]
#
# SHARE is a ratio from 0 to 1. EC2 is a workload entry of the mesh, so both sides are subsets of one
# host. Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell.
set -euo pipefail

fail() {
  printf 'traffic: %s\n' "$1" >&2
  exit 2
}

route() {
  kubectl --namespace mesh --request-timeout 30s "$@" || fail "the mesh does not answer"
}

share() {
  route get virtualservice "$1" --output 'jsonpath={.spec.http[0].route[1].weight}'
}

set_share() {
  route patch virtualservice "$1" --type json --patch "[
    {\"op\": \"replace\", \"path\": \"/spec/http/0/route/0/weight\", \"value\": $((100 - $2))},
    {\"op\": \"replace\", \"path\": \"/spec/http/0/route/1/weight\", \"value\": $2}]" >&2
}

mirror() {
  route patch virtualservice "$1" --type json --patch "[
    {\"op\": \"add\", \"path\": \"/spec/http/0/mirrorPercentage\", \"value\": {\"value\": $2}}]" >&2
}

main() {
  [[ $# -ge 3 ]] || fail "usage: traffic.sh act|check|undo VERB SERVICE [to=SHARE]"
  local mode=$1 verb=$2 service=$3 ratio=${4:-=1}
  local percent
  percent=$(awk -v ratio="${ratio#*=}" 'BEGIN { printf "%.0f", ratio * 100 }')
  case "$mode $verb" in
    "act traffic.shift") set_share "$service" "$percent" ;;
    "undo traffic.shift") set_share "$service" 0 ;;
    "check traffic.shift") [[ $(share "$service") -eq $percent ]] ;;
    "act traffic.mirror") mirror "$service" "$percent" ;;
    "undo traffic.mirror") mirror "$service" 0 ;;
    "check traffic.mirror") route get virtualservice "$service" >/dev/null ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
