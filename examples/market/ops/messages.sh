#!/usr/bin/env bash
# Carries the order events from RabbitMQ to Kafka: stops who reads the old queue, waits until it is
# empty, starts who reads the new topic.
#
#   messages.sh act|check|undo queue.pause|queue.drain|queue.resume QUEUE
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. Consumers are
# the units `consume-QUEUE` on the machines and deployments of that name on the cluster.
set -euo pipefail

readonly machines=${MACHINES:-market.internal}
readonly namespace=${NAMESPACE:-market}

fail() {
  printf 'messages: %s\n' "$1" >&2
  exit 2
}

waiting() {
  local count
  count=$(ssh -o BatchMode=yes "rabbit.$machines" rabbitmqctl --quiet list_queues name messages \
    | awk -v queue="$1" '$1 == queue { print $2 }') || fail "rabbit.$machines does not answer"
  [[ -n $count ]] || fail "RabbitMQ has no queue $1"
  printf '%s\n' "$count"
}

old_reads() {
  local state
  state=$(ssh -o BatchMode=yes "consumers.$machines" systemctl show --property ActiveState \
    --value "consume-$1") || fail "consumers.$machines does not answer"
  [[ $state == active ]]
}

old() {
  ssh -o BatchMode=yes "consumers.$machines" sudo systemctl "$2" "consume-$1" >&2
}

new_reads() {
  local ready
  ready=$(kubectl --namespace "$namespace" --request-timeout 30s get deployment "consume-$1" \
    --output 'jsonpath={.status.readyReplicas}') || fail "the cluster does not answer"
  [[ ${ready:-0} -gt 0 ]]
}

new() {
  kubectl --namespace "$namespace" --request-timeout 30s scale deployment "consume-$1" \
    --replicas "$2" >&2
}

drain() {
  local left
  while left=$(waiting "$1") && ((left > 0)); do
    printf '%s messages left\n' "$left" >&2
    sleep 5
  done
}

main() {
  [[ $# -eq 3 ]] || fail "usage: messages.sh act|check|undo VERB QUEUE"
  local mode=$1 verb=$2 queue=$3
  case "$mode $verb" in
    "act queue.pause") old "$queue" stop ;;
    "undo queue.pause") old "$queue" start ;;
    "check queue.pause") ! old_reads "$queue" ;;
    "act queue.drain") drain "$queue" ;;
    # What has been handled stays so: there is nothing to take back.
    "undo queue.drain") ;;
    "check queue.drain") [[ $(waiting "$queue") -eq 0 ]] ;;
    "act queue.resume") new "$queue" 3 ;;
    "undo queue.resume") new "$queue" 0 && old "$queue" start ;;
    "check queue.resume") new_reads "$queue" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
