#!/usr/bin/env bash
# Points both sides at the one session store that both reach, or back at the hall's own.
#
#   sessions.sh act|check|undo session.centralise|session.reset|data.switch_reads NAME [to=old]
#
# The store's address stands in one file on the machines and one ConfigMap on the cluster. Ends with
# 0 when it is done, with 1 when it is not, and with 2 when it cannot tell.
set -euo pipefail

: "${HALL_REDIS:?}" "${SHARED_REDIS:?}"

fail() {
  printf 'sessions: %s\n' "$1" >&2
  exit 2
}

point_at() {
  ansible web --become --module-name copy \
    --args "dest=/etc/market/sessions.env content=SESSIONS=$1" >&2 || fail "the machines do not answer"
  kubectl --namespace market --request-timeout 30s patch configmap sessions \
    --patch "{\"data\":{\"SESSIONS\":\"$1\"}}" >&2 || fail "the cluster does not answer"
}

points_at() {
  local address
  address=$(kubectl --namespace market --request-timeout 30s get configmap sessions \
    --output 'jsonpath={.data.SESSIONS}') || fail "the cluster does not answer"
  [[ $address == "$1" ]]
}

main() {
  [[ $# -ge 3 ]] || fail "usage: sessions.sh act|check|undo VERB NAME [to=old]"
  case "$1 $2 ${4:-}" in
    "act session.centralise "* | "act data.switch_reads ") point_at "$SHARED_REDIS" ;;
    "undo session.centralise "* | "act data.switch_reads to=old" | "undo data.switch_reads "*)
      point_at "$HALL_REDIS"
      ;;
    "check session.centralise "* | "check data.switch_reads ") points_at "$SHARED_REDIS" ;;
    "check data.switch_reads to=old") points_at "$HALL_REDIS" ;;
    *) fail "cannot $1 $2" ;;
  esac
}

main "$@"
