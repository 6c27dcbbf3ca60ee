import './require-system.js';
import './without-telemetry.js';

export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
export { problemOf, type System, thisSystem } from './system.js';
