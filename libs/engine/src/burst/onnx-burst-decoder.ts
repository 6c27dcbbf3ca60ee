import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { KeyValueCache } from '../decoder/key-value-cache.js';
import type { TokenEmbeddings } from '../decoder/token-embeddings.js';
import { EngineError } from '../errors.js';
import type { SamplingPlan } from '../sampling/sampler.js';
import type { BurstDecoder, BurstInput } from '../scheduling/decoder.js';
import type { Prompt } from '../scheduling/prompt.js';

/** What a model's burst graph wants to know beside its weights. */
export interface BurstVocabulary {
  readonly size: number;
  readonly endOfSequence: number;
}

/** The decoder as a session that computes several tokens a run; its cache lies in main memory between the runs. */
export class OnnxBurstDecoder implements BurstDecoder {
  readonly rows: number;
  readonly capacity: number;

  /**
   * @param session of the graph that `burstGraph` makes
   */
  constructor(
    private readonly session: InferenceSession,
    private readonly embeddings: TokenEmbeddings,
    private readonly cache: KeyValueCache,
    private readonly vocabulary: BurstVocabulary,
    readonly burstLength: number,
  ) {
    this.rows = cache.rows;
    this.capacity = cache.capacity;
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined> {
    const { hidden } = this.embeddings;
    const embeddings = await this.embeddings.ofPrompt(prompt, start, end);
    const { logits } = await this.run(row, {
      embeddings: new Tensor('float32', embeddings, [1, end - start, hidden]),
      tokenIds: new Tensor('int64', new BigInt64Array(0), [1, 0]),
      positions: [start],
      lastPositions: [end - 1],
      plans: [{ temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, generated: new Set(), draws: [0] }],
      steps: 1,
    });
    return end === prompt.tokens.length ? (logits!.data as Float32Array) : undefined;
  }

  async decodeBurst(inputs: readonly BurstInput[], steps: number): Promise<readonly (readonly number[])[]> {
    const rows = inputs.length;
    const positions = inputs.map(({ position }) => position);
    const { tokens } = await this.run(this.rows - rows, {
      embeddings: new Tensor('float32', new Float32Array(0), [rows, 0, this.embeddings.hidden]),
      tokenIds: new Tensor(
        'int64',
        BigInt64Array.from(inputs, ({ tokenId }) => BigInt(tokenId)),
        [rows, 1],
      ),
      positions,
      lastPositions: positions,
      plans: inputs.map(({ sampler }) => sampler.plan(steps)),
      steps,
    });
    const ids = Array.from(tokens!.data as BigInt64Array, Number);
    if (ids.includes(-1)) {
      throw new EngineError({
        code: 'failed',
        what: 'The model computed no usable logits: every one is NaN or -infinity.',
      });
    }
    return inputs.map((_, row) => ids.filter((_, index) => index % rows === row));
  }

  copyRow(from: number, to: number, positions: number): void {
    this.cache.copyRow(from, to, positions);
  }

  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void {
    this.cache.swapRows(a, b, positionsOfA, positionsOfB);
  }

  private async run(firstRow: number, call: BurstCall): Promise<Readonly<Record<string, Tensor>>> {
    const rows = call.lastPositions.length;
    const results = await this.session.run({
      inputs_embeds: call.embeddings,
      token_ids: call.tokenIds,
      seqlens_k: new Tensor('int32', Int32Array.from(call.lastPositions), [rows]),
      total_sequence_length: new Tensor('int32', Int32Array.of(Math.max(...call.lastPositions) + 1), [1]),
      steps: wholeNumber(call.steps),
      end_of_sequence: wholeNumber(this.vocabulary.endOfSequence),
      ...samplingTensors(call.plans, this.vocabulary.size),
      ...this.cache.tensors(firstRow, rows).past,
    });
    this.cache.write(firstRow, call.positions, newKeysAndValues(results));
    return results;
  }
}

interface BurstCall {
  /** `[rows, tokens, hidden]` */
  readonly embeddings: Tensor;
  /** `[rows, tokens]` */
  readonly tokenIds: Tensor;
  /** Where each row's new tokens begin. */
  readonly positions: readonly number[];
  /** Where they end in the first step. */
  readonly lastPositions: readonly number[];
  readonly plans: readonly SamplingPlan[];
  readonly steps: number;
}

const wholeNumber = (value: number) => new Tensor('int64', BigInt64Array.of(BigInt(value)), []);

function samplingTensors(plans: readonly SamplingPlan[], vocabulary: number): Record<string, Tensor> {
  const rows = plans.length;
  const perRow = (value: (plan: SamplingPlan) => number) =>
    new Tensor('float64', Float64Array.from(plans, value), [rows, 1]);
  const generated = new Uint8Array(rows * vocabulary);
  plans.forEach((plan, row) => {
    for (const id of plan.generated) generated[row * vocabulary + id] = 1;
  });
  const steps = plans[0]!.draws.length;
  const draws = Float64Array.from(
    { length: steps * rows },
    (_, index) => plans[index % rows]!.draws[Math.floor(index / rows)]!,
  );
  return {
    temperature: perRow(({ temperature }) => temperature),
    topP: perRow(({ topP }) => topP),
    topK: new Tensor(
      'int64',
      BigInt64Array.from(plans, ({ topK }) => BigInt(topK || vocabulary)),
      [rows, 1],
    ),
    repetitionPenalty: perRow(({ repetitionPenalty }) => repetitionPenalty),
    generated: new Tensor('bool', generated, [rows, vocabulary]),
    draws: new Tensor('float64', draws, [steps, rows]),
  };
}

/** By the cache's own names of its parts. */
function newKeysAndValues(results: Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
  const prefix = 'new.';
  return new Map(
    Object.entries(results).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  );
}
