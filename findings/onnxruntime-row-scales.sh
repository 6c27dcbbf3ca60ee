#!/usr/bin/env bash
# onnxruntime-node 1.30.0, on its CPU.
#
# The description of MatMulIntegerToFloat (docs/ContribOperators.md) knows two shapes of A's scale: a scalar, and a vector of
# as many elements as A has columns. The kernel multiplies the finished product [M, N] by it, with NumPy's broadcasting. So
# [M, 1], which the description does not know, scales the rows, and the vector that it does know is refused, unless A has as
# many columns as the product, whose columns it then scales.
#
# Seen, for A [2, 3] and B [3, 4] of ones, products of 3:
#   scale []      [3,3,3,3] [3,3,3,3]
#   scale [2, 1]  [3,3,3,3] [30,30,30,30]
#   scale [4]     [3,30,300,3000] [3,30,300,3000]
#   scale [3]     refused
#   scale [2]     refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnx-proto@8.0.1

cat >program.cjs <<'JS'
const { InferenceSession, Tensor } = require('onnxruntime-node');
const { onnx } = require('onnx-proto');

const [UINT8, INT8, FLOAT] = [2, 3, 1];
const typed = (name, elemType, dims) => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map((size) => ({ dimValue: size })) } } },
});
const graph = (scale) =>
  onnx.ModelProto.encode(
    onnx.ModelProto.create({
      irVersion: 10,
      opsetImport: [{ domain: '', version: 21 }, { domain: 'com.microsoft', version: 1 }],
      graph: {
        name: 'graph',
        input: [typed('a', UINT8, [2, 3]), typed('b', INT8, [3, 4]), typed('as', FLOAT, scale), typed('bs', FLOAT, [])],
        output: [typed('y', FLOAT, [2, 4])],
        node: [
          { opType: 'MatMulIntegerToFloat', domain: 'com.microsoft', input: ['a', 'b', 'as', 'bs'], output: ['y'] },
        ],
      },
    }),
  ).finish();

async function product(scale) {
  const factors = Float32Array.from({ length: scale.reduce((count, size) => count * size, 1) }, (_, i) => 10 ** i);
  try {
    const session = await InferenceSession.create(graph(scale), { logSeverityLevel: 4 });
    const { y } = await session.run({
      a: new Tensor('uint8', new Uint8Array(6).fill(1), [2, 3]),
      b: new Tensor('int8', new Int8Array(12).fill(1), [3, 4]),
      as: new Tensor('float32', factors, scale),
      bs: new Tensor('float32', Float32Array.of(1), []),
    });
    return `[${y.data.slice(0, 4)}] [${y.data.slice(4)}]`;
  } catch {
    return 'refused';
  }
}

product(JSON.parse(process.argv[2])).then(console.log);
JS

expect() {
  local found
  found=$(ORT_DISABLE_TELEMETRY=1 node program.cjs "$1")
  printf 'scale %-7s %s\n' "$1" "$found"
  [ "$found" = "$2" ] || { echo "This changed: it was $2."; exit 1; }
}

expect '[]' '[3,3,3,3] [3,3,3,3]'
expect '[2, 1]' '[3,3,3,3] [30,30,30,30]'
expect '[4]' '[3,30,300,3000] [3,30,300,3000]'
expect '[3]' refused
expect '[2]' refused
