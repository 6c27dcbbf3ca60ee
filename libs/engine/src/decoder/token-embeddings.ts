import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { Prompt } from '../scheduling/prompt.js';

/** What the decoder sees in place of token ids and images. */
export class TokenEmbeddings {
  /** @param session of the graph that looks ids up in the decoder's embedding table */
  constructor(
    private readonly session: InferenceSession,
    readonly hidden: number,
  ) {}

  /** The prompt's positions from `start` up to `end`: `[end - start, hidden]`. */
  async ofPrompt(prompt: Prompt, start: number, end: number): Promise<Float32Array> {
    const embeddings = new Float32Array((end - start) * this.hidden);
    let offset = 0;
    for (const run of prompt.runs(start, end)) {
      const part =
        run.kind === 'text'
          ? await this.ofTokens(run.tokenIds)
          : run.projection.subarray(run.start * this.hidden, (run.start + run.length) * this.hidden);
      embeddings.set(part, offset);
      offset += part.length;
    }
    return embeddings;
  }

  /** `[tokenIds.length, hidden]` */
  async ofTokens(tokenIds: readonly number[]): Promise<Float32Array> {
    const ids = BigInt64Array.from(tokenIds, BigInt);
    const { embeddings } = await this.session.run({
      token_ids: new Tensor('int64', ids, [1, ids.length]),
    });
    if (!(embeddings?.data instanceof Float32Array)) {
      throw new Error('The embedding graph gave no float32 embeddings.');
    }
    return embeddings.data;
  }
}
