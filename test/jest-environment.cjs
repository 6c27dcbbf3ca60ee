/**
 * Jest gives every test file its own realm with its own typed arrays, but native addons (onnxruntime-node)
 * create theirs in the main realm, so `instanceof Float32Array` would fail on the way in and out.
 * This environment shares the main realm's binary types with the tests.
 */
const { TestEnvironment } = require('jest-environment-node');

const sharedTypes = {
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
};

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, sharedTypes);
  }
};
