import type { Engine } from '#libs/engine';

import type { TextModel } from './text-model.js';

/** An engine with a package of random weights, whose vocabulary is one letter per token. */
export function engineTextModel(engine: Engine): TextModel {
  return {
    async generate(prompt, newTokens, onToken) {
      const events = engine.generate({
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
