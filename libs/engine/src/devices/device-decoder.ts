import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { NamedTensors } from '../decoder/run-into.js';
import type { TokenEmbeddings } from '../decoder/token-embeddings.js';
import type { DecodeInput, Decoder } from '../scheduling/decoder.js';
import type { Prompt } from '../scheduling/prompt.js';
import type { DeviceKeyValueCache } from './device-key-value-cache.js';

/**
 * The decoder as an ONNX session whose KV cache stays in the device's memory and is extended there. What crosses at a
 * step is one token's embedding on the way down and its logits on the way up, however long the context is.
 */
export class DeviceDecoder implements Decoder {
  readonly rows: number;
  readonly capacity: number;
  private crossed = 0;

  /** @param session of `decoderGraph`, without the sequence among its outputs */
  constructor(
    private readonly session: InferenceSession,
    private readonly embeddings: TokenEmbeddings,
    private readonly cache: DeviceKeyValueCache,
    private readonly vocabulary: number,
  ) {
    this.rows = cache.rows;
    this.capacity = cache.capacity;
  }

  get transferredBytes(): number {
    return this.crossed;
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined> {
    const logits = await this.run(row, await this.embeddings.ofPrompt(prompt, start, end), end - 1);
    return end === prompt.tokens.length ? logits : undefined;
  }

  /** The rows take turns: a run takes the tensors of one slot. */
  async decode(inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]> {
    const logits: Float32Array[] = [];
    for (const [index, { tokenId, position }] of inputs.entries()) {
      const embedding = await this.embeddings.ofTokens([tokenId]);
      logits.push(await this.run(this.rows - inputs.length + index, embedding, position));
    }
    return logits;
  }

  copyRow(from: number, to: number): void {
    this.cache.copyRow(from, to);
  }

  swapRows(a: number, b: number): void {
    this.cache.swapRows(a, b);
  }

  /**
   * @param embeddings of the new tokens `[tokens, hidden]`
   * @returns the logits after the last of them
   */
  private async run(row: number, embeddings: Float32Array, lastPosition: number): Promise<Float32Array> {
    const { hidden } = this.embeddings;
    const tokens = embeddings.length / hidden;
    const { past, present } = await this.cache.tensors(row);
    const logits = new Float32Array(this.vocabulary);
    const feeds: NamedTensors = {
      inputs_embeds: new Tensor('float32', embeddings, [1, tokens, hidden]),
      seqlens_k: new Tensor('int32', Int32Array.of(lastPosition), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(lastPosition + 1), [1]),
      logits_after: new Tensor('int64', BigInt64Array.of(BigInt(tokens - 1)), [1]),
      ...past,
    };
    const results = { logits: new Tensor('float32', logits, [1, 1, this.vocabulary]), ...present };
    await this.session.run(feeds, results);
    this.crossed += bytesOutsideTheDevice(feeds) + bytesOutsideTheDevice(results);
    return logits;
  }
}

/** What of the tensors lies in main memory, and so has to cross. */
function bytesOutsideTheDevice(tensors: NamedTensors): number {
  return Object.values(tensors).reduce((sum, tensor) => {
    if (tensor.location === 'gpu-buffer' || !ArrayBuffer.isView(tensor.data)) return sum;
    return sum + tensor.data.byteLength;
  }, 0);
}
