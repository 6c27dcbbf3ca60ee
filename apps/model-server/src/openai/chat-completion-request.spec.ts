import { maxPromptCharacters } from '#libs/engine';

import { chatCompletionRequest, translateRequest } from './chat-completion-request.js';

const limits = { contextLength: 8, maxImages: 2, maxImageBytes: 30 };
const bytes = (text: string) => `data:image/png;base64,${Buffer.from(text).toString('base64')}`;
const image = (text: string) => ({ type: 'image_url', image_url: { url: bytes(text) } });
const text = (words: string) => ({ type: 'text', text: words });

const translated = (body: object, most: object = {}) =>
  translateRequest(chatCompletionRequest.parse({ model: 'm', ...body }), 'vicuna-v0', {
    ...limits,
    ...most,
  } as never);
const asked = (content: unknown, more: object = {}) =>
  translated({ messages: [{ role: 'user', content }], ...more });
const promptOf = ({ request }: ReturnType<typeof translated>) =>
  request.segments.map((segment) => (segment.kind === 'text' ? segment.text : '(image)')).join('');

describe('a chat completion request', () => {
  it.each([
    ['to the limit', { ignore_eos: true, max_tokens: 5 }, 5],
    ['as far as the context reaches', { ignore_eos: true }, 8],
    ['at least so far', { min_tokens: 3 }, 3],
    ['as far as the model likes', {}, undefined],
  ])('has its reply go on %s: %j', (_how_far, more, minNewTokens) => {
    expect(asked('Hello', more).request.minNewTokens).toBe(minNewTokens);
  });

  it('becomes the prompt of the template, with its images', () => {
    const { request, imagePaths, templateStops } = asked([text('one'), image('a'), text('two')]);
    expect(promptOf({ request, imagePaths, templateStops })).toContain(
      'Human: <Img>(image)</Img> one\ntwo###Assistant: ',
    );
    const at = request.segments.findIndex(({ kind }) => kind === 'image');
    expect(request.segments[at]).toMatchObject({ image: { kind: 'bytes', bytes: Buffer.from('a') } });
    expect([...imagePaths]).toEqual([[at, 'messages.0.content.1.image_url']]);
  });

  it('has what the system and developers say in front, line by line', () => {
    const prompt = promptOf(
      translated({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
          { role: 'developer', content: [text('Be kind.'), { type: 'refusal', refusal: 'No.' }] },
        ],
      }),
    );
    expect(prompt).toBe('Be brief.\nBe kind.\nNo.###Human: Hello###Assistant: ');
  });

  it('has the system text of the template where nobody says another', () => {
    expect(promptOf(asked('Hello'))).toContain('Please answer my questions.###Human: Hello');
    expect(
      promptOf(
        translated({
          messages: [
            { role: 'system', content: '' },
            { role: 'user', content: 'Hi' },
          ],
        }),
      ),
    ).toBe('###Human: Hi###Assistant: ');
  });

  it('has replies as the assistant’s, and what tools found out as the user’s', () => {
    const prompt = promptOf(
      translated({
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'tool', content: 'c' },
          { role: 'assistant', content: null },
          { role: 'function', content: 'd' },
        ],
      }),
    );
    expect(prompt).toContain('Human: a###Assistant: b###Human: c d###Assistant: ');
  });

  it('keeps the template’s ends of a reply ahead of the client’s', () => {
    const { request, templateStops } = asked('a', { stop: ['END', ''] });
    expect(templateStops).toBeGreaterThan(0);
    expect(request.stopSequences).toHaveLength(templateStops + 1);
    expect(request.stopSequences?.at(-1)).toBe('END');
    expect(asked('a', { stop: 'X' }).request.stopSequences?.at(-1)).toBe('X');
    expect(asked('a').request.stopSequences).toHaveLength(templateStops);
  });

  it('samples as it says, and else as the model does', () => {
    const own = { temperature: 0, top_p: 0.5, top_k: 7, repetition_penalty: 1.5, seed: 0, max_tokens: 9 };
    expect(asked('a', own).request).toMatchObject({
      sampling: { temperature: 0, topP: 0.5, topK: 7, repetitionPenalty: 1.5, seed: 0 },
      maxNewTokens: 9,
    });
    expect(asked('a', { max_completion_tokens: 5, max_tokens: 9 }).request.maxNewTokens).toBe(5);
    const nothing = { sampling: {}, maxNewTokens: undefined };
    expect(asked('a').request).toMatchObject(nothing);
    const asYouLike = { temperature: null, seed: -1, max_tokens: -1, max_completion_tokens: -1 };
    expect(asked('a', asYouLike).request).toMatchObject(nothing);
    expect(asked('a', { top_k: -1 }).request.sampling?.topK).toBe(0);
  });

  it.each([
    [{ messages: [] }, 'messages'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ seed: -2 }, 'seed'],
    [{ n: 2 }, 'n'],
    [{ messages: [{ role: 'owner', content: 'a' }] }, 'messages.0.role'],
    [{ messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }, 'messages.0.content.0'],
    [{ messages: [{ role: 'assistant', content: [image('a')] }] }, 'messages.0.content.0'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages.0.content'],
  ])('with %j is refused at %s', (wrong, path) => {
    const messages = [{ role: 'user', content: 'a' }];
    const { error } = chatCompletionRequest.safeParse({ model: 'm', messages, ...wrong });
    expect(error?.issues[0]?.path.join('.')).toMatch(new RegExp(`^${path}`));
  });

  it('says of a part that it does not know which it is, and which it knows', () => {
    const messages = [
      { role: 'user', content: [{ type: 'input_audio' }] },
      { role: 'user', content: [null] },
    ];
    const { error } = chatCompletionRequest.safeParse({ model: 'm', messages });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'It is "input_audio", but only text and image_url are supported.',
      'It is no part, but only text and image_url are supported.',
    ]);
  });

  it('may hold as many characters as the context could, of all messages together', () => {
    const most = maxPromptCharacters(limits as never);
    const messages = (last: number) => [
      { role: 'system', content: 'x'.repeat(most - 10) },
      { role: 'user', content: [text('y'.repeat(4)), image('a'), text('z'.repeat(last))] },
    ];
    expect(() => translated({ messages: messages(6) })).not.toThrow();
    expect(() => translated({ messages: messages(7) })).toThrow(
      expect.objectContaining({ param: 'messages', openAiCode: 'context_length_exceeded' }),
    );
    expect(() => translated({ messages: messages(7) })).toThrow(
      `messages: They have ${most + 1} characters; more than ${most} cannot fit the model's context of 8 tokens.`,
    );
  });

  it('may hold as many images as are accepted', () => {
    expect(() => asked([image('a'), image('b')])).not.toThrow();
    expect(() => asked([image('a'), image('b'), image('c')])).toThrow(
      'messages: They have 3 images; at most 2 are accepted.',
    );
  });
});
