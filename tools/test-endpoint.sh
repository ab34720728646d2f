#!/usr/bin/env bash
# Tries an MCP endpoint; --help explains the options.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
node=$root/node_modules/.bin/node
if [ ! -x "$node" ]; then
  echo "error: the workspace is not set up" >&2
  echo "  what to do: run \`make setup\` in $root" >&2
  exit 2
fi
exec "$node" "$root/tools/src/test-endpoint/main.ts" "$@"
