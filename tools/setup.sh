#!/usr/bin/env bash
# Installs what the workspace needs: npm packages, and programs such as a container engine.
# Says nothing and takes less than a second when there is nothing to do. Works with Node 20 or later.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { # message, what to do
  printf 'error: %s [missing-tool]\n  what to do: %s\n' "$1" "$2" >&2
  exit 2
}

command -v node >/dev/null && command -v npm >/dev/null ||
  fail 'node and npm are not on the PATH' 'Install Node.js 20 or later: https://nodejs.org/en/download'
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[ "$major" -ge 20 ] ||
  fail "node is $(node --version); expected 20 or later" 'Install a newer Node.js: https://nodejs.org/en/download'

# npm ci starts by deleting node_modules, so the copy is there only after an install that went through.
installed=node_modules/.installed-package-lock.json

install() {
  cmp -s package-lock.json "$installed" && return
  echo 'setup: installing npm packages (about a minute)'
  mkdir -p .local
  if ! npm ci --no-audit --no-fund --no-progress --loglevel=error >.local/npm-ci.log 2>&1; then
    tail -n 40 .local/npm-ci.log >&2
    printf 'error: npm ci failed [step-failed]\n  what to do: Read the lines above (all of them: .local/npm-ci.log), check the network, run it again.\n' >&2
    exit 1
  fi
  cp package-lock.json "$installed"
}

# Two at once would delete what the other installs.
if command -v flock >/dev/null; then
  mkdir -p .local
  exec 9>.local/setup.lock
  flock 9
fi
install

# The workspace brings its own Node as a package, which its install script puts in place.
if ! node_modules/.bin/node --version >/dev/null 2>&1; then
  npm rebuild node --loglevel=error || fail 'Node 24 of the workspace did not install' 'Allow install scripts for the package "node", then: npm rebuild node'
fi
export NODE_COMPILE_CACHE="$PWD/.local/compile-cache"
PATH="$PWD/node_modules/.bin:$PATH" exec node_modules/.bin/node tools/src/setup/main.ts "$@"
