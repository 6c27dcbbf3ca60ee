#!/usr/bin/env bash
# onnxruntime-node 1.30.0, Linux x64.
#
# ONNX Runtime collects telemetry on Linux unless ORT_DISABLE_TELEMETRY=1 is in the environment of the process: the first
# session writes an id of the device and a database of events below the home folder's cache. Neither the package's
# README nor its types say so, and the binding has no call that turns it off.
#
# The native library reads the environment of the process. process.env of a worker thread is a copy of it, so a variable
# set there counts for nothing, unless the thread was started with `env: SHARE_ENV`.
#
# Seen:
#   nothing set              deviceid onnxruntime.db
#   set in the main thread   nothing
#   set in a worker          deviceid onnxruntime.db
#   set in a worker, shared  nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0

cat >program.cjs <<'JS'
const { Worker, SHARE_ENV } = require('node:worker_threads');
const [, , place] = process.argv;
const off = "process.env.ORT_DISABLE_TELEMETRY = '1';";
if (place === 'main') eval(off);
// A graph with one Identity node: valid input, run once.
const run = `
  const { InferenceSession, Tensor } = require('onnxruntime-node');
  const model = Buffer.from('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEA0=', 'base64');
  InferenceSession.create(model).then((s) => s.run({ x: new Tensor('float32', [1], [1]) }));`;
const code = (place === 'worker' || place === 'shared' ? off : '') + run;
new Worker(code, { eval: true, ...(place === 'shared' ? { env: SHARE_ENV } : {}) });
JS

left_by() {
  rm -rf home && mkdir home
  HOME="$folder/home" XDG_CACHE_HOME='' node program.cjs "$1" >/dev/null 2>&1
  find home -type f -name 'deviceid' -o -type f -name 'onnxruntime.db' | xargs -r -n1 basename | sort | xargs
}

expect() {
  local found
  found=$(left_by "$1")
  printf '%-24s %s\n' "$2" "${found:-nothing}"
  [ "${found:-nothing}" = "$3" ] || { echo "This changed: it was $3."; exit 1; }
}

unset ORT_DISABLE_TELEMETRY
expect none 'nothing set' 'deviceid onnxruntime.db'
expect main 'set in the main thread' nothing
expect worker 'set in a worker' 'deviceid onnxruntime.db'
expect shared 'set in a worker, shared' nothing
