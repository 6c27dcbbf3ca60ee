import './without-telemetry.js';

export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
