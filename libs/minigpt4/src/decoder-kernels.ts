import { add, addAndRmsNormalize, layerNormalization, rmsNormalization, type Value } from '#libs/graph';

import type { DecoderConfig } from './config.js';

/**
 * Causal self-attention of one layer over rotated queries and keys, where the decoder rotates them.
 * queries, keys and values side by side `[batch, tokens, (heads + 2 * keyValueHeads) * headWidth]` →
 * `[batch, tokens, hidden]`.
 */
export type CausalAttention = (packed: Value, layer: number) => Value;

/** Picks tokens: `[batch, tokens, hidden]` → `[batch, wanted, hidden]`. */
export type TokenSelection = (x: Value) => Value;

/** What a decoder's network is made of beside its matrices; it does not show how they are fused and cut short. */
export interface DecoderKernels {
  readonly attention: CausalAttention;
  residualStream(embeddings: Value): ResidualStream;
}

/** The sum `[batch, tokens, hidden]` that every block of a decoder reads, normalised, and adds to. */
export interface ResidualStream {
  add(x: Value): void;
  /** Its RMSNorm. */
  normalized(weight: Value, epsilon: number): Value;
  /** Its LayerNorm. */
  layerNormalized(weight: Value, bias: Value, epsilon: number): Value;
}

/**
 * Kernels in which each sum is taken together with the norm that follows it.
 * @param wanted the tokens whose outcome is wanted: after the last attention no others are computed
 */
export function decoderKernels(
  { layers }: DecoderConfig,
  attention: CausalAttention,
  wanted?: TokenSelection,
): DecoderKernels {
  if (!wanted) return { attention, residualStream: (embeddings) => new FusedResidualStream(embeddings) };
  let stream: FusedResidualStream | undefined;
  return {
    residualStream: (embeddings) => {
      stream = new FusedResidualStream(embeddings);
      return stream;
    },
    attention: (packed, layer) => {
      const attended = attention(packed, layer);
      if (layer + 1 < layers) return attended;
      stream?.select(wanted);
      return wanted(attended);
    },
  };
}

class FusedResidualStream implements ResidualStream {
  private addend?: Value;

  constructor(private sum: Value) {}

  add(x: Value): void {
    this.addend = x;
  }

  normalized(weight: Value, epsilon: number): Value {
    if (!this.addend) return rmsNormalization(this.sum, weight, epsilon);
    const { sum, normalized } = addAndRmsNormalize(this.addend, this.sum, weight, epsilon);
    this.sum = sum;
    this.addend = undefined;
    return normalized;
  }

  layerNormalized(weight: Value, bias: Value, epsilon: number): Value {
    if (this.addend) this.sum = add(this.addend, this.sum);
    this.addend = undefined;
    return layerNormalization(this.sum, weight, bias, epsilon);
  }

  select(wanted: TokenSelection): void {
    this.sum = wanted(this.sum);
  }
}
