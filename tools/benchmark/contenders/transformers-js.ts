import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import type { TextModel } from '#libs/benchmark';

import type { Contender, ContenderSpec } from './contender.js';
import { textContender } from './text-contender.js';

/** The part of transformers.js 4 that is used here; it is installed by the benchmark and not there to compile. */
interface TransformersJs {
  readonly env: { localModelPath: string; allowRemoteModels: boolean };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
  readonly AutoTokenizer: { from_pretrained(name: string): Promise<Tokenizer> };
  readonly AutoModelForCausalLM: {
    from_pretrained(
      name: string,
      options: { dtype: 'q4'; device: 'cpu'; session_options: { intraOpNumThreads: number } },
    ): Promise<Model>;
  };
}
interface Tokenizer {
  encode(text: string, options: { add_special_tokens: false }): number[];
  decode(tokens: readonly number[]): string;
}
interface Model {
  generate(options: {
    inputs: object;
    max_new_tokens: number;
    do_sample: false;
    streamer: { put(tokens: readonly (readonly bigint[])[]): void; end(): void };
  }): Promise<unknown>;
  dispose(): Promise<unknown>;
}

const BEGIN_OF_SEQUENCE = 1;

export async function loadTransformersJs(
  spec: Extract<ContenderSpec, { kind: 'transformers.js' }>,
): Promise<Contender> {
  const entry = pathToFileURL(join(spec.folder, 'dist/transformers.node.mjs')).href;
  const transformers = (await import(entry)) as TransformersJs;
  transformers.env.allowRemoteModels = false;
  transformers.env.localModelPath = dirname(spec.model);
  const name = basename(spec.model);
  const tokenizer = await transformers.AutoTokenizer.from_pretrained(name);
  const model = await transformers.AutoModelForCausalLM.from_pretrained(name, {
    dtype: 'q4',
    device: 'cpu',
    session_options: { intraOpNumThreads: spec.threads },
  });
  return textContender(new BatchingModel(transformers, tokenizer, model), spec.vocabulary, async () => {
    await model.dispose();
  });
}

interface WaitingPrompt {
  readonly tokens: readonly number[];
  readonly newTokens: number;
  readonly onToken: () => void;
  reply: string;
}

/** Computes prompts that come at the same time as one batch, the way transformers.js has of serving several. */
class BatchingModel implements TextModel {
  private waiting: WaitingPrompt[] = [];
  private batch?: Promise<void>;

  constructor(
    private readonly transformers: TransformersJs,
    private readonly tokenizer: Tokenizer,
    private readonly model: Model,
  ) {}

  async generate(prompt: string, newTokens: number, onToken: () => void): Promise<string> {
    const tokens = [BEGIN_OF_SEQUENCE, ...this.tokenizer.encode(prompt, { add_special_tokens: false })];
    const own: WaitingPrompt = { tokens, newTokens, onToken, reply: '' };
    this.waiting.push(own);
    this.batch ??= nextTurn().then(() => this.generateBatch());
    await this.batch;
    return own.reply;
  }

  private async generateBatch(): Promise<void> {
    const prompts = this.waiting;
    this.waiting = [];
    this.batch = undefined;
    const { tokens, newTokens } = prompts[0]!;
    const ids = BigInt64Array.from(prompts.flatMap((prompt) => prompt.tokens).map(BigInt));
    let isPrompt = true;
    await this.model.generate({
      inputs: new this.transformers.Tensor('int64', ids, [prompts.length, tokens.length]),
      max_new_tokens: newTokens,
      do_sample: false,
      streamer: {
        put: (rows) => {
          // What comes first is the prompt itself.
          if (!isPrompt) for (const [row, prompt] of prompts.entries()) this.append(prompt, rows[row]!);
          isPrompt = false;
        },
        end: () => {},
      },
    });
  }

  private append(prompt: WaitingPrompt, tokens: readonly bigint[]): void {
    prompt.reply += this.tokenizer.decode(tokens.map(Number));
    prompt.onToken();
  }
}
