#!/usr/bin/env bash
# Points the services of the shop at the old database or at the new one.
#
#   switch.sh old|new
#
# Both services read their address from the ConfigMap `database`, on the machines through the agent
# that mirrors it. A second call does nothing. Ends with 2 when the cluster does not answer.
set -euo pipefail

fail() {
  printf 'switch: %s\n' "$1" >&2
  exit 2
}

[[ ${1:-} == old || ${1:-} == new ]] || fail "usage: switch.sh old|new"
kubectl --namespace "${NAMESPACE:-shop}" --request-timeout 30s patch configmap database \
  --patch "{\"data\":{\"SIDE\":\"$1\"}}" >&2 || fail "the cluster does not answer"
