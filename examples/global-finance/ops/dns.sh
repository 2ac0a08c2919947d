#!/usr/bin/env bash
# Sets the weight of the new side in the DNS records of a service: back within a minute, because the
# records live for 30 seconds.
#
#   dns.sh act|check|undo traffic.shift|traffic.mirror SERVICE [to=SHARE]
#
# SHARE is a ratio from 0 to 1. Ends with 0 when it is done, with 1 when it is not, and with 2 when it
# cannot tell. DNS cannot mirror: traffic.mirror asks the replay service to send recorded requests.
set -euo pipefail

readonly zone=${ZONE:?the id of the hosted zone}

fail() {
  printf 'dns: %s\n' "$1" >&2
  exit 2
}

record() {
  aws route53 list-resource-record-sets --hosted-zone-id "$zone" --output text --query \
    "ResourceRecordSets[?Name=='$1.ledger.example.'&&SetIdentifier=='$2'].Weight" \
    || fail "route 53 does not answer"
}

weigh() {
  aws route53 change-resource-record-sets --hosted-zone-id "$zone" --change-batch "{\"Changes\": [
    {\"Action\": \"UPSERT\", \"ResourceRecordSet\": {\"Name\": \"$1.ledger.example.\", \"Type\": \"CNAME\",
      \"TTL\": 30, \"SetIdentifier\": \"$2\", \"Weight\": $3,
      \"ResourceRecords\": [{\"Value\": \"$1.$2.ledger.example.\"}]}}]}" >&2 \
    || fail "route 53 does not answer"
}

main() {
  [[ $# -ge 3 ]] || fail "usage: dns.sh act|check|undo VERB SERVICE [to=SHARE]"
  local mode=$1 verb=$2 service=$3 ratio=${4:-=1}
  local percent
  percent=$(awk -v ratio="${ratio#*=}" 'BEGIN { printf "%.0f", ratio * 100 }')
  case "$mode $verb" in
    "act traffic.shift") weigh "$service" new "$percent" && weigh "$service" old "$((100 - percent))" ;;
    "undo traffic.shift") weigh "$service" new 0 && weigh "$service" old 100 ;;
    "check traffic.shift") [[ $(record "$service" new) -eq $percent ]] ;;
    "act traffic.mirror") systemctl start "replay@$service" ;;
    "undo traffic.mirror") systemctl stop "replay@$service" ;;
    "check traffic.mirror") systemctl is-active --quiet "replay@$service" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
