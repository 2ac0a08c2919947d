#!/usr/bin/env bash
# Fills the new Redis of the carts from the old one and points the cart service at either.
#
#   redis.sh act|check|undo cache.warm|cache.flush|data.switch_reads NAME [to=old]
#
# The new Redis follows the old one as its replica until the switch makes it the primary, and the
# old one follows it from then on: the way back loses nothing. Ends with 0 when it is done, with 1
# when it is not, and with 2 when it cannot tell. A second call does nothing.
#
# OLD_REDIS and NEW_REDIS are HOST:PORT. A password, if there is one, is read by redis-cli itself
# from REDISCLI_AUTH, and so stands in no argument.
set -euo pipefail

readonly machine=cartservice.${MACHINES:-shop.internal}
readonly settings=/etc/cartservice/redis.env

fail() {
  printf 'redis: %s\n' "$1" >&2
  exit 2
}

redis() {
  local address=$1
  shift
  timeout 30 redis-cli -h "${address%:*}" -p "${address##*:}" "$@" || fail "$address does not answer"
}

field() {
  local answer
  answer=$(redis "$1" info replication) || exit 2
  tr -d '\r' <<<"$answer" | sed -n "s/^$2://p"
}

# Whether the second address is a replica of the first, and up to date.
follows() {
  local host link
  host=$(field "$2" master_host) || exit 2
  link=$(field "$2" master_link_status) || exit 2
  [[ $host == "${1%:*}" && $link == up ]]
}

follow() {
  follows "$1" "$2" || redis "$2" replicaof "${1%:*}" "${1##*:}" >&2
  for _ in {1..120}; do
    if follows "$1" "$2"; then return; fi
    sleep 5
  done
  fail "$2 does not catch up with $1"
}

remote() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$machine" "$@" || fail "$machine does not answer"
}

# The address the cart service has been given.
configured() {
  local line
  line=$(remote sudo cat "$settings") || exit 2
  printf '%s\n' "${line#REDIS_ADDR=}"
}

# The machine that runs the cart service today, and the cluster that will.
point_at() {
  printf 'REDIS_ADDR=%s\n' "$1" | remote sudo tee "$settings" >&2
  remote sudo systemctl try-restart cartservice >&2
  kubectl --namespace "${NAMESPACE:-boutique}" --request-timeout 30s patch configmap cart-redis \
    --patch "{\"data\":{\"REDIS_ADDR\":\"$1\"}}" >&2 || fail "the cluster does not answer"
}

# Writes wait on the side that is left while the other takes over, so that none is lost.
switch() {
  local to=$1 other=$2 now
  now=$(configured) || exit 2
  if [[ $now != "$to" ]]; then
    redis "$other" client pause 20000 write >&2
    redis "$to" replicaof no one >&2
    point_at "$to"
  fi
  follow "$to" "$other"
}

is_at() {
  local now
  now=$(configured) || exit 2
  [[ $now == "$1" ]]
}

is_empty() {
  local keys
  keys=$(redis "$1" dbsize) || exit 2
  [[ $keys == 0 ]]
}

empty() {
  redis "$1" replicaof no one >&2
  redis "$1" flushall async >&2
}

main() {
  [[ $# -ge 3 ]] || fail "usage: redis.sh act|check|undo VERB NAME [to=old]"
  local old=${OLD_REDIS:?names the old Redis} new=${NEW_REDIS:?names the new Redis}
  local mode=$1 verb=$2 to=${4:-}
  case "$mode $verb $to" in
    "act cache.warm "*) follow "$old" "$new" ;;
    "check cache.warm "*) follows "$old" "$new" ;;
    "undo cache.warm "* | "act cache.flush "*) empty "$new" ;;
    "check cache.flush "*) is_empty "$new" ;;
    "act data.switch_reads to=old" | "undo data.switch_reads ") switch "$old" "$new" ;;
    "check data.switch_reads to=old") is_at "$old" ;;
    "act data.switch_reads ") switch "$new" "$old" ;;
    "check data.switch_reads ") is_at "$new" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
