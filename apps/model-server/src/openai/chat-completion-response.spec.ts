import { type Finish, FinishReason } from '#libs/protocol';

import { ScriptedEngine } from '../../../../test/support/scripted-engine.js';
import {
  chatCompletion,
  chatCompletionChunk,
  finishChunk,
  replyHeader,
  usageChunk,
} from './chat-completion-response.js';

const finish = (reason = FinishReason.FINISH_REASON_STOP) =>
  ({
    reason,
    places: [],
    usage: { promptTokens: 7, completionTokens: 3, cachedPromptTokens: 2 },
  }) as unknown as Finish;
const place = { phrase: 'cat', left: 0.1, top: 0.2, right: 0.3, bottom: 0.4, start: 2, end: 5 };
const annotation = {
  type: 'box',
  box: { phrase: 'cat', left: 0.1, top: 0.2, right: 0.3, bottom: 0.4, start_index: 2, end_index: 5 },
};
const header = { id: 'chatcmpl-1', created: 5, model: 'm', system_fingerprint: 'fp' };
const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 2 },
};

describe('a chat completion', () => {
  it('holds the reply, how it ended and what it took', () => {
    expect(chatCompletion(header, 'A cat.', [place], [], finish())).toEqual({
      ...header,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'A cat.', refusal: null, annotations: [annotation] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage,
    });
  });

  it('says that it was cut at its length, and nothing of what is unknown', () => {
    const cut = chatCompletion(header, '', [], [], finish(FinishReason.FINISH_REASON_LENGTH));
    expect(cut.choices[0]?.finish_reason).toBe('length');
    const unknown = chatCompletion(header, '', [], [], undefined);
    expect(unknown.choices[0]?.finish_reason).toBe('stop');
    expect(unknown.usage).toMatchObject({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0 },
    });
  });

  it('comes in chunks, the last with the end and no content, and one with the usage where asked', () => {
    const chunk = { ...header, object: 'chat.completion.chunk' };
    expect(chatCompletionChunk(header, { text: 'A', tokenIds: [5], scores: [] })).toEqual({
      ...chunk,
      choices: [
        { index: 0, delta: { role: 'assistant', content: 'A' }, logprobs: null, finish_reason: null },
      ],
    });
    expect(finishChunk(header, finish())).toEqual({
      ...chunk,
      choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }],
    });
    expect(finishChunk(header, { ...finish(), places: [place] }).choices[0]?.delta).toEqual({
      annotations: [annotation],
    });
    expect(usageChunk(header, finish())).toEqual({ ...chunk, choices: [], usage });
  });
});

describe('log-probabilities', () => {
  const score = (text: string, logprob: number) => ({ tokenId: 1, text: Buffer.from(text), logprob });
  const scores = [
    { chosen: score(' é', -0.5), alternatives: [score(' é', -0.5), score(' a', -1)] },
    { chosen: score('', -0.1), alternatives: [] },
  ];
  const inOpenAisTerms = {
    content: [
      {
        ...{ token: ' é', logprob: -0.5, bytes: [32, 195, 169] },
        top_logprobs: [
          { token: ' é', logprob: -0.5, bytes: [32, 195, 169] },
          { token: ' a', logprob: -1, bytes: [32, 97] },
        ],
      },
    ],
    refusal: null,
  };

  it('stand beside the content, without those of tokens that have no text', () => {
    expect(chatCompletion(header, 'é', [], scores, finish()).choices[0]?.logprobs).toEqual(inOpenAisTerms);
    const chunk = chatCompletionChunk(header, { text: 'é', tokenIds: [1, 2], scores });
    expect(chunk.choices[0]?.logprobs).toEqual(inOpenAisTerms);
  });

  it('are none in a piece without text, which holds what ended the reply', () => {
    expect(chatCompletionChunk(header, { text: '', tokenIds: [1], scores }).choices[0]?.logprobs).toBeNull();
  });
});

describe('the head of a reply', () => {
  const engine = new ScriptedEngine();

  it('has an id of its own, the time in seconds and the model', () => {
    const before = Math.floor(Date.now() / 1_000);
    const one = replyHeader(engine);
    expect(one).toMatchObject({ id: expect.stringMatching(/^chatcmpl-.+/), model: 'scripted' });
    expect(one.id).not.toBe(replyHeader(engine).id);
    expect(Number.isInteger(one.created)).toBe(true);
    expect(one.created).toBeGreaterThanOrEqual(before);
    expect(one.created).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('has a fingerprint that stays, and changes with what a seed’s reply depends on', () => {
    const print = replyHeader(engine).system_fingerprint;
    expect(print).toMatch(/^fp_[0-9a-f]{12}_reproducible$/);
    expect(replyHeader(new ScriptedEngine()).system_fingerprint).toBe(print);
    const other = (limits: object) =>
      replyHeader(Object.assign(new ScriptedEngine(), { limits: { ...engine.limits, ...limits } }))
        .system_fingerprint;
    expect(other({ burstLength: 4 })).not.toBe(print);
    expect(other({ slots: 9 })).toBe(print);
    expect(other({ reproducibility: { kind: 'not-kept' } })).toMatch(/_not_reproducible$/);
  });
});
