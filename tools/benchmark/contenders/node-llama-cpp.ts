import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { TextModel } from '#libs/benchmark';

import type { Contender, ContenderSpec } from './contender.js';
import { textContender } from './text-contender.js';

/** The part of node-llama-cpp 3.22 that is used here; it is installed by the benchmark and not there to compile. */
interface NodeLlamaCpp {
  getLlama(options: {
    gpu: false;
    build: 'never';
    maxThreads: number;
    logLevel: 'error';
    progressLogs: false;
  }): Promise<{
    loadModel(options: { modelPath: string }): Promise<LlamaModel>;
    dispose(): Promise<void>;
  }>;
}
type Token = number & { readonly __token: never };
interface LlamaModel {
  readonly tokens: { readonly bos: Token };
  tokenize(text: string): Token[];
  detokenize(tokens: readonly Token[]): string;
  createContext(options: {
    sequences: number;
    contextSize: number;
    threads: number;
  }): Promise<{ getSequence(): LlamaSequence }>;
}
interface LlamaSequence {
  readonly contextTokens: readonly Token[];
  eraseContextTokenRanges(ranges: readonly { start: number; end: number }[]): Promise<void>;
  evaluate(tokens: readonly Token[], options: { temperature: 0 }): AsyncGenerator<Token>;
}

export async function loadNodeLlamaCpp(
  spec: Extract<ContenderSpec, { kind: 'node-llama-cpp' }>,
): Promise<Contender> {
  const { folder, model: modelPath, threads, sequences, contextLength, vocabulary } = spec;
  const { getLlama } = (await import(pathToFileURL(join(folder, 'dist/index.js')).href)) as NodeLlamaCpp;
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: 'error',
    progressLogs: false,
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ sequences, contextSize: contextLength, threads });
  const pool = new SequencePool(Array.from({ length: sequences }, () => context.getSequence()));
  return textContender(textModel(model, pool), vocabulary, () => llama.dispose());
}

function textModel(model: LlamaModel, pool: SequencePool): TextModel {
  return {
    async generate(prompt, newTokens, onToken) {
      const tokens = [model.tokens.bos, ...model.tokenize(prompt)];
      const sequence = pool.take(tokens);
      try {
        // The last token is computed in any case: its logits choose the reply's first.
        const known = commonLength(sequence.contextTokens, tokens.slice(0, -1));
        await sequence.eraseContextTokenRanges([{ start: known, end: sequence.contextTokens.length }]);
        let reply = '';
        let count = 0;
        for await (const token of sequence.evaluate(tokens.slice(known), {
          temperature: 0,
        })) {
          reply += model.detokenize([token]);
          onToken();
          if (++count === newTokens) break;
        }
        return reply;
      } finally {
        pool.giveBack(sequence);
      }
    },
  };
}

/** Gives each prompt the idle sequence that has most of it, so that what was computed is used again. */
class SequencePool {
  /** The least recently used first. */
  private readonly idle: LlamaSequence[];

  constructor(sequences: readonly LlamaSequence[]) {
    this.idle = [...sequences];
  }

  take(tokens: readonly Token[]): LlamaSequence {
    const lengths = this.idle.map(({ contextTokens }) => commonLength(contextTokens, tokens));
    const longest = Math.max(...lengths);
    const index = longest > 1 ? lengths.indexOf(longest) : 0;
    const [sequence] = this.idle.splice(index, 1);
    if (!sequence) throw new Error('More replies at once than sequences.');
    return sequence;
  }

  giveBack(sequence: LlamaSequence): void {
    this.idle.push(sequence);
  }
}

function commonLength(a: readonly Token[], b: readonly Token[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
