import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { DecodeInput, Decoder } from '../scheduling/decoder.js';
import type { Prompt } from '../scheduling/prompt.js';
import { type Company, fillersBeside } from './company.js';
import type { KeyValueCache } from './key-value-cache.js';
import { type OutputMode, runInto } from './run-into.js';
import type { TokenEmbeddings } from './token-embeddings.js';

/**
 * The decoder as an ONNX session over a preallocated KV cache, which it extends in place. Where the products need
 * company, a row of zeros goes beside the tokens: behind those of a prompt, as a further token that nothing looks at and
 * the next one overwrites; beside those of replies, as a reply of its own in the cache's last row.
 */
export class OnnxDecoder implements Decoder {
  readonly rows: number;
  readonly capacity: number;
  company: Company = 'none';
  /** Written anew by each run; `[rows + 1, vocabulary]`. */
  private readonly logits: Float32Array;

  /** @param cache of one row more than there are slots */
  constructor(
    private readonly session: InferenceSession,
    private readonly embeddings: TokenEmbeddings,
    private readonly cache: KeyValueCache,
    private readonly vocabulary: number,
    private readonly outputMode: OutputMode,
  ) {
    this.rows = cache.rows - 1;
    this.capacity = cache.capacity;
    this.logits = new Float32Array(cache.rows * vocabulary);
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined> {
    const embeddings = await this.embeddings.ofPrompt(prompt, start, end);
    const fillers = fillersBeside(end - start, this.company);
    const filled = this.withZeros(embeddings, fillers);
    const [logits] = await this.run(row, filled, [end - 1 + fillers], end - 1 - start);
    return end === prompt.tokens.length ? logits : undefined;
  }

  async decode(inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]> {
    const embeddings = await this.embeddings.ofTokens(inputs.map(({ tokenId }) => tokenId));
    const fillers = fillersBeside(inputs.length, this.company);
    const positions = inputs.map(({ position }) => position);
    const logits = await this.run(
      this.rows - inputs.length,
      this.withZeros(embeddings, fillers),
      fillers === 0 ? positions : [...positions, 0],
      0,
    );
    return logits.slice(0, inputs.length);
  }

  copyRow(from: number, to: number, positions: number): void {
    this.cache.copyRow(from, to, positions);
  }

  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void {
    this.cache.swapRows(a, b, positionsOfA, positionsOfB);
  }

  private withZeros(embeddings: Float32Array, rows: number): Float32Array {
    if (rows === 0) return embeddings;
    const filled = new Float32Array(embeddings.length + rows * this.embeddings.hidden);
    filled.set(embeddings);
    return filled;
  }

  /**
   * @param embeddings of the new tokens `[rows, tokens, hidden]`
   * @param lastPositions position of each row's last new token
   * @param logitsAfter which of each row's new tokens logits are wanted after
   * @returns each row's logits
   */
  private async run(
    firstRow: number,
    embeddings: Float32Array,
    lastPositions: readonly number[],
    logitsAfter: number,
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
        logits_after: new Tensor('int64', BigInt64Array.of(BigInt(logitsAfter)), [1]),
        ...past,
      },
      { logits: new Tensor('float32', logits, [rows, 1, this.vocabulary]), ...present },
    );
    return Array.from({ length: rows }, (_, index) =>
      logits.subarray(index * this.vocabulary, (index + 1) * this.vocabulary),
    );
  }
}
