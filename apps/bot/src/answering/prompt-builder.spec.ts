import fc from 'fast-check';

import { from, image, never, question, ScriptedChat } from '../../../../test/support/scripted-chat.js';

/** Each character is a token to the scripted model: the system text, an answer and a short question … */
const tokensOfTheShortestPrompt = 250;
/** … and what the template writes around an image. */
const tokensAroundImage = 25;

const messages = fc.array(
  fc.record({
    author: fc.constantFrom('user', 'bot'),
    text: fc.nat(30).map((words) => 'word '.repeat(words)),
    pictures: fc.nat(3),
  }),
  { maxLength: 12 },
);
const longestAnswer = fc.integer({ min: 1, max: 1_000 });

describe('the context of the model', () => {
  it('holds the prompt and the longest answer to it, whatever was said and shown before', async () => {
    let shortened = 0;
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.constantFrom(4, 32, 64),
        longestAnswer,
        fc.option(longestAnswer, { nil: undefined }),
        fc.nat(800),
        async (said, tokensPerImage, defaultMaxNewTokens, maxNewTokens, room) => {
          const { model, channel, chat } = chatWith({ maxNewTokens });
          const answer = maxNewTokens ?? defaultMaxNewTokens;
          const images = model.info.distinctImages * (tokensPerImage + tokensAroundImage);
          const contextLength = tokensOfTheShortestPrompt + images + answer + room;
          model.info = { ...model.info, tokensPerImage, defaultMaxNewTokens, contextLength };

          const before = said.map(({ author, text, pictures }, index) =>
            author === 'bot'
              ? from('bot', text)
              : from('user', text, ...Array.from({ length: pictures }, (_, n) => image(`${index}-${n}.png`))),
          );
          const asked = [...before, from('bot', 'I see.'), from('user', 'And now?')];
          await chat.answer(question(asked), channel, never);

          expect(channel.last?.state).toBe('done');
          const [request] = model.requests;
          const { tokens } = await model.countTokens(request!.segments);
          expect(request!.maxNewTokens).toBe(maxNewTokens);
          expect(tokens + answer).toBeLessThanOrEqual(contextLength);
          if (channel.last?.notes.some((note) => note.includes('no longer fits'))) shortened++;
        },
      ),
    );
    expect(shortened).toBeGreaterThan(0);
  });

  it('has no room for a question that leaves none for its answer', async () => {
    const { model, channel, chat } = chatWith({ maxNewTokens: 100 });
    await chat.answer(question([from('user', 'Hello!')]), channel, never);
    const { tokens } = await model.countTokens(model.requests[0]!.segments);
    for (const [contextLength, state] of [
      [tokens + 100, 'done'],
      [tokens + 99, 'failed'],
    ] as const) {
      model.info = { ...model.info, contextLength };
      await chat.answer(question([from('user', 'Hello!')]), channel, never);
      expect([contextLength, channel.last?.state]).toEqual([contextLength, state]);
    }
  });
});

function chatWith(answers: { readonly maxNewTokens: number | undefined }) {
  const scripted = new ScriptedChat();
  return { model: scripted.model, channel: scripted.channel, chat: scripted.with({ answers }) };
}
