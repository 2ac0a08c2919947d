#!/usr/bin/env bash
# Moves a ledger from Oracle to PostgreSQL: schema and bulk load with ora2pg, changes with the
# replication that the DBAs run, comparisons with their jobs.
#
#   ledger.sh act|check|undo VERB LEDGER [NAME=VALUE…]
#
# Ends with 0 when it is done, with 1 when it is not, and with 2 when it cannot tell. Each ledger has
# a folder `ledgers/LEDGER` with its ora2pg configuration and a unit `replicate@LEDGER` on its host.
set -euo pipefail

fail() {
  printf 'ledger: %s\n' "$1" >&2
  exit 2
}

on_host() {
  ssh -o BatchMode=yes -o ConnectTimeout=10 "$ledger.dc.internal" "$@" >&2
}

compare() {
  on_host ledger-compare --ledger "$ledger" --what "$1" --fail-on-difference
}

point_at() {
  on_host sudo ledger-switch --ledger "$ledger" --side "$1"
}

main() {
  [[ $# -ge 3 ]] || fail "usage: ledger.sh act|check|undo VERB LEDGER [NAME=VALUE…]"
  local mode=$1 verb=$2 to=new
  readonly ledger=$3
  shift 3
  for argument in "$@"; do
    [[ $argument == to=old ]] && to=old
  done
  case "$mode $verb" in
    "act schema.expand") ora2pg --conf "ledgers/$ledger/schema.conf" >&2 ;;
    "act schema.contract") psql --file "ledgers/$ledger/undo-schema.sql" >&2 ;;
    "act data.bootstrap" | "act data.backfill") ora2pg --conf "ledgers/$ledger/data.conf" >&2 ;;
    "undo data.bootstrap" | "undo data.backfill")
      psql --file "ledgers/$ledger/undo-data.sql" >&2
      ;;
    "act data.cdc_start" | "undo data.cdc_stop") on_host sudo systemctl start "replicate@$ledger" ;;
    "act data.back_sync") on_host sudo systemctl start "replicate-back@$ledger" ;;
    "act data.cdc_stop" | "undo data.cdc_start") on_host sudo systemctl stop "replicate@$ledger" ;;
    "undo data.back_sync") on_host sudo systemctl stop "replicate-back@$ledger" ;;
    "check data.cdc_start") on_host systemctl is-active --quiet "replicate@$ledger" ;;
    "check data.back_sync") on_host systemctl is-active --quiet "replicate-back@$ledger" ;;
    "check data.cdc_stop") ! on_host systemctl is-active --quiet "replicate@$ledger" ;;
    "act data.switch_reads") point_at "$to" ;;
    "undo data.switch_reads") point_at old ;;
    "check data.switch_reads") on_host ledger-switch --ledger "$ledger" --is "$to" ;;
    "act validate."*) compare "${verb#validate.}" ;;
    "check "*) on_host ledger-state --ledger "$ledger" --done "$verb" ;;
    *) fail "cannot $mode $verb" ;;
  esac
}

main "$@"
