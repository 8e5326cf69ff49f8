#!/bin/sh
# sh scripts/demo/route-hook.sh <route file>
#
# The demo's route switch, called by the migration inside the write pause: points the application at the server that
# PGCONVOY_TARGET_HOST, _PORT and _DATABASE name. In sh, because starting anything bigger would be most of the pause.
set -eu

usage='usage: PGCONVOY_TARGET_HOST=… PGCONVOY_TARGET_PORT=… PGCONVOY_TARGET_DATABASE=… sh route-hook.sh <route file>'
if [ -z "${1:-}" ] || [ -z "${PGCONVOY_TARGET_HOST:-}" ] || [ -z "${PGCONVOY_TARGET_PORT:-}" ] || [ -z "${PGCONVOY_TARGET_DATABASE:-}" ]; then
  echo "$usage" >&2
  exit 2
fi
# A reader sees the old route or the new one, never half of it.
printf '{"host":"%s","port":%s,"database":"%s"}\n' "$PGCONVOY_TARGET_HOST" "$PGCONVOY_TARGET_PORT" "$PGCONVOY_TARGET_DATABASE" >"$1.$$"
mv "$1.$$" "$1"
