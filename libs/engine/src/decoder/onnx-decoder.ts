import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { DecodeInput, Decoder } from '../scheduling/decoder.js';
import type { Prompt } from '../scheduling/prompt.js';
import type { KeyValueCache } from './key-value-cache.js';
import { type OutputMode, runInto } from './run-into.js';
import type { TokenEmbeddings } from './token-embeddings.js';

/** The decoder as an ONNX session over a preallocated KV cache, which it extends in place. */
export class OnnxDecoder implements Decoder {
  readonly rows: number;
  readonly capacity: number;
  /** Written anew by each run; `[rows, vocabulary]`. */
  private readonly logits: Float32Array;

  constructor(
    private readonly session: InferenceSession,
    private readonly embeddings: TokenEmbeddings,
    private readonly cache: KeyValueCache,
    private readonly vocabulary: number,
    private readonly outputMode: OutputMode,
  ) {
    this.rows = cache.rows;
    this.capacity = cache.capacity;
    this.logits = new Float32Array(cache.rows * vocabulary);
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined> {
    const embeddings = await this.embeddings.ofPrompt(prompt, start, end);
    const [logits] = await this.run(row, embeddings, [end - 1]);
    return end === prompt.tokens.length ? logits : undefined;
  }

  async decode(firstRow: number, inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]> {
    const embeddings = await this.embeddings.ofTokens(inputs.map(({ tokenId }) => tokenId));
    return this.run(
      firstRow,
      embeddings,
      inputs.map(({ position }) => position),
    );
  }

  copyRow(from: number, to: number, positions: number): void {
    this.cache.copyRow(from, to, positions);
  }

  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void {
    this.cache.swapRows(a, b, positionsOfA, positionsOfB);
  }

  /**
   * @param embeddings of the new tokens `[rows, tokens, hidden]`
   * @param lastPositions position of each row's last new token
   * @returns the logits after each row's last new token
   */
  private async run(
    firstRow: number,
    embeddings: Float32Array,
    lastPositions: readonly number[],
  ): Promise<Float32Array[]> {
    const rows = lastPositions.length;
    const hidden = this.embeddings.hidden;
    const tokens = embeddings.length / (rows * hidden);
    const { past, present } = this.cache.tensors(firstRow, rows);
    const logits = this.logits.subarray(0, rows * this.vocabulary);
    await runInto(
      this.session,
      this.outputMode,
      {
        inputs_embeds: new Tensor('float32', embeddings, [rows, tokens, hidden]),
        seqlens_k: new Tensor('int32', Int32Array.from(lastPositions), [rows]),
        total_sequence_length: new Tensor('int32', Int32Array.of(Math.max(...lastPositions) + 1), [1]),
        logits_after: new Tensor('int64', BigInt64Array.of(BigInt(tokens - 1)), [1]),
        ...past,
      },
      { logits: new Tensor('float32', logits, [rows, 1, this.vocabulary]), ...present },
    );
    return Array.from({ length: rows }, (_, index) =>
      logits.subarray(index * this.vocabulary, (index + 1) * this.vocabulary),
    );
  }
}
