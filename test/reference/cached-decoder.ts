import { cacheHeadWidth, type DecoderConfig, decoderGraph, embeddingGraph } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import { openSession } from './reference-folder.js';

/** The decoder's graph over a cache of one row, without the engine around it. */
export class CachedDecoder {
  private cache: Record<string, Tensor> = {};
  private length = 0;

  private constructor(
    private readonly config: DecoderConfig,
    private readonly decoder: InferenceSession,
    private readonly embeddings: InferenceSession,
    private readonly keyValueType: 'float32' | 'float16',
  ) {}

  static async open(model: ModelPackage, keyValueType: 'float32' | 'float16'): Promise<CachedDecoder> {
    const { architecture, quantization } = model.manifest;
    const graph = decoderGraph(architecture.decoder, model.weights, {
      format: quantization.decoder,
      keyValueType,
      sequenceFirst: false,
      attentionKernel: 'matrix-products',
    });
    const decoder = await openSession(graph, model);
    const embeddings = await openSession(embeddingGraph(model.weights), model);
    return new CachedDecoder(architecture.decoder, decoder, embeddings, keyValueType);
  }

  /** Starts anew with a prompt `[tokens, hidden]`, given in pieces; returns the logits after it. */
  async prefill(prompt: Float32Array, tokensAtOnce = Number.POSITIVE_INFINITY): Promise<Float32Array> {
    const { hidden } = this.config;
    this.clear();
    let logits: Float32Array = new Float32Array();
    for (let start = 0; start < prompt.length; start += tokensAtOnce * hidden) {
      logits = await this.extend(prompt.slice(start, start + tokensAtOnce * hidden));
    }
    return logits;
  }

  /** The likeliest tokens one after the other, of which `logits` choose the first. */
  async greedy(logits: Float32Array, count: number): Promise<number[]> {
    const tokens = [likeliest(logits)];
    while (tokens.length < count) {
      const ids = BigInt64Array.of(BigInt(tokens.at(-1)!));
      const { embeddings } = await this.embeddings.run({ token_ids: new Tensor('int64', ids, [1, 1]) });
      tokens.push(likeliest(await this.extend(embeddings!.data as Float32Array)));
    }
    return tokens;
  }

  async close(): Promise<void> {
    await this.decoder.release();
    await this.embeddings.release();
  }

  private async extend(embeddings: Float32Array): Promise<Float32Array> {
    const { hidden } = this.config;
    const tokens = embeddings.length / hidden;
    this.length += tokens;
    const results = await this.decoder.run({
      inputs_embeds: new Tensor('float32', embeddings, [1, tokens, hidden]),
      seqlens_k: new Tensor('int32', Int32Array.of(this.length - 1), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(this.length), [1]),
      logits_after: new Tensor('int64', BigInt64Array.of(BigInt(tokens - 1)), [1]),
      ...this.cache,
    });
    for (const name of Object.keys(this.cache)) {
      this.cache[name] = results[name.replace('past_key_values', 'present')] as Tensor;
    }
    return results.logits!.data as Float32Array;
  }

  private clear(): void {
    const { layers, keyValueHeads } = this.config;
    const capacity = 256;
    const shape = [1, keyValueHeads, capacity, cacheHeadWidth(this.config)];
    const size = shape.reduce((product, length) => product * length, 1);
    const empty = () =>
      this.keyValueType === 'float16'
        ? new Tensor('float16', new Uint16Array(size), shape)
        : new Tensor('float32', new Float32Array(size), shape);
    this.length = 0;
    this.cache = {};
    for (let layer = 0; layer < layers; layer++) {
      this.cache[`past_key_values.${layer}.key`] = empty();
      this.cache[`past_key_values.${layer}.value`] = empty();
    }
  }
}

const likeliest = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
