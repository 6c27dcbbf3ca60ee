import type { TextModel } from './text-model.js';

interface GreedyRequest {
  readonly segments: readonly { readonly kind: 'text'; readonly text: string }[];
  readonly sampling: { readonly temperature: 0; readonly repetitionPenalty: 1 };
  readonly maxNewTokens: number;
  readonly stopSequences: readonly string[];
}

type ReplyEvent =
  | { readonly kind: 'queued' | 'finish' }
  | { readonly kind: 'delta'; readonly text: string; readonly tokenIds: readonly number[] };

/** What streams replies: an engine in this process, or the client of a model server. */
export interface ReplyStreams {
  generate(request: GreedyRequest): AsyncIterable<ReplyEvent>;
}

/** A model of random weights, which has nothing to say that a stop sequence would end. */
export function greedyTextModel(model: ReplyStreams): TextModel {
  return {
    async generate(prompt, newTokens, onToken) {
      const events = model.generate({
        segments: [{ kind: 'text', text: prompt }],
        sampling: { temperature: 0, repetitionPenalty: 1 },
        maxNewTokens: newTokens,
        stopSequences: [],
      });
      let reply = '';
      for await (const event of events) {
        if (event.kind !== 'delta') continue;
        reply += event.text;
        for (const _ of event.tokenIds) onToken();
      }
      return reply;
    },
  };
}
