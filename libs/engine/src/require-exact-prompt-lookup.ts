import type { Quantization } from '#libs/model-package';

import type { EngineSettings, KeyValueType } from './engine-options.js';
import { EngineError } from './errors.js';

/**
 * Makes sure that prompt-lookup decoding cannot change a reply. ONNX Runtime's attention gives other last bits for
 * several positions than for one. In float32 they stay last bits; but int4 and int8 kernels round the activations
 * to 8 bits, where one last bit becomes a whole step: at the shape of TinyLlama-1.1B in int4 with random weights, logits
 * differed by 0.08 and one token in twenty was another.
 * @throws EngineError
 */
export function requireExactPromptLookup(
  { promptLookupTokens, device, burst }: EngineSettings,
  quantization: Quantization,
  keyValueType: KeyValueType,
): void {
  if (promptLookupTokens === 0) return;
  if (device !== 'cpu' || burst !== undefined) {
    throw new EngineError(
      'Prompt lookup is for the device "cpu", and not together with bursts. Leave one of them out.',
    );
  }
  if (quantization.kind !== 'none' || keyValueType !== 'float32') {
    throw new EngineError(
      'Prompt lookup could change replies of a quantised decoder or with a KV cache in float16. Leave it out, or ' +
        'convert the model with an unquantised decoder and keep the KV cache in float32.',
    );
  }
}
