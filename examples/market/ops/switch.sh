#!/usr/bin/env bash
# Points the services at the old database or at the new one: `switch.sh old|new`.
#
# They reach it through PgBouncer. Its configuration includes `orders.ini`, a link to the backend in
# use; transactions under way end where they began. Ends with 2 when PgBouncer does not answer.
set -euo pipefail

[[ ${1:-} == old || ${1:-} == new ]] || {
  echo "usage: switch.sh old|new" >&2
  exit 2
}

admin() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --command "$1" "${PGBOUNCER_ADMIN:?}" >&2 || exit 2
}

admin "PAUSE orders"
trap 'admin "RESUME orders"' EXIT
ssh -o BatchMode=yes pgbouncer.market.internal \
  sudo ln -sfn "/etc/pgbouncer/orders-$1.ini" /etc/pgbouncer/orders.ini >&2
admin "RELOAD"
