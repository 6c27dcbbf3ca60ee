import type { Value } from '#libs/graph';

import type { DecoderConfig } from './config.js';
import type { DecoderKernels } from './decoder-kernels.js';
import { llama } from './llama.js';
import { opt } from './opt.js';
import type { Parameters } from './parameters.js';

/**
 * The decoder of the configuration's kind, without its embedding table and head. embeddings `[batch, tokens, hidden]` →
 * `[batch, wanted, hidden]`: all tokens, or those that the kernels choose.
 * @param lastPositions position of each row's last token: int32 `[batch]`
 */
export function decoderNetwork(
  parameters: Parameters,
  config: DecoderConfig,
  kernels: DecoderKernels,
  embeddings: Value,
  lastPositions: Value,
): Value {
  return config.kind === 'opt'
    ? opt(parameters, config, kernels, embeddings, lastPositions)
    : llama(parameters, config, kernels, embeddings);
}
