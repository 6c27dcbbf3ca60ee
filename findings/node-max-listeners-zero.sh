#!/usr/bin/env bash
# events.setMaxListeners(0, signal) is how Node says "as many listeners as you like" of an AbortSignal. After it, Node 20's
# events.getMaxListeners(signal) throws ERR_INVALID_ARG_TYPE, as if the signal were no event target. undici's fetch asks
# for that number, so every fetch with such a signal fails with a TypeError before it connects. Infinity in place of 0
# works. Node 24 is right in both cases.
#
# node 20.19.5, node 24.11.1, undici 7.16.0 (npm). Seen 2026-11-30:
#   20.19.5  getMaxListeners after 0: ERR_INVALID_ARG_TYPE; fetch of undici: ERR_INVALID_ARG_TYPE; after Infinity: connects
#   24.11.1  getMaxListeners after 0: 0; fetch of undici: connects; after Infinity: connects
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund old@npm:node@20.19.5 new@npm:node@24.11.1 undici@7.16.0

cat >try.mjs <<'JS'
import { getMaxListeners, setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import { fetch } from 'undici';

const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const address = `http://127.0.0.1:${server.address().port}/`;
const attempt = async (act) => {
  try {
    return String(await act());
  } catch (error) {
    return error.code ?? error.cause?.code ?? error.name;
  }
};
const signalWith = (most) => {
  const { signal } = new AbortController();
  setMaxListeners(most, signal);
  return signal;
};
const fetched = (most) => attempt(async () => (await fetch(address, { signal: signalWith(most) })).status);
console.log(`${await attempt(() => getMaxListeners(signalWith(0)))} ${await fetched(0)} ${await fetched(Infinity)}`);
server.close();
JS

old=$(node_modules/old/bin/node --version 2>/dev/null || true)
[ -n "$old" ] || { echo 'The node packages of npm bring no program for this system.'; exit 1; }
seen20=$(node_modules/old/bin/node try.mjs)
seen24=$(node_modules/new/bin/node try.mjs)
echo "20: $seen20"
echo "24: $seen24"
[ "$seen20" = 'ERR_INVALID_ARG_TYPE ERR_INVALID_ARG_TYPE 200' ] && [ "$seen24" = '0 200 200' ]
