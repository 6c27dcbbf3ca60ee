import OpenAI from 'openai';

import { startEngine } from '#libs/engine';

import { eventually } from '../support/eventually.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { sceneImage } from './emoji-scenes.js';
import { type RunningServer, runServer } from './running-server.js';

const nano = new URL('../../models/nano', import.meta.url).pathname;

function clientOf(server: RunningServer): OpenAI {
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error('The call succeeded.'),
    (error: unknown) => error,
  );
}

describe("the nano model, through OpenAI's own client", () => {
  let server: RunningServer;
  let client: OpenAI;

  beforeAll(async () => {
    server = await runServer((metrics) =>
      startEngine({ modelPath: nano, device: 'cpu' }, { statistics: metrics }),
    );
    client = clientOf(server);
  });

  afterAll(() => server.close());

  const picture = `data:image/png;base64,${sceneImage('seen-drawings/0000.png').toString('base64')}`;
  const question: OpenAI.ChatCompletionCreateParamsNonStreaming = {
    model: 'nano',
    temperature: 0,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: picture } },
        ],
      },
    ],
  };

  it('is listed', async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['nano']);
    expect(await client.models.retrieve('nano')).toMatchObject({ id: 'nano', object: 'model' });
  });

  it('answers a question about an image', async () => {
    const completion = await client.chat.completions.create(question);
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'It is a bat.' },
      finish_reason: 'stop',
    });
    expect(completion.usage?.prompt_tokens).toBe(73);
    // The state of the promise that a seed's reply depends on nothing else.
    expect(completion.system_fingerprint).toMatch(/^fp_[0-9a-f]{12}_reproducible$/);
  });

  it('streams the same answer, and its usage when asked', async () => {
    const stream = await client.chat.completions.create({
      ...question,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let pieces = 0;
    const reasons: (string | null)[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      for (const choice of chunk.choices) {
        if (choice.delta.content) pieces++;
        text += choice.delta.content ?? '';
        if (choice.finish_reason) reasons.push(choice.finish_reason);
      }
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe('It is a bat.');
    expect(pieces).toBeGreaterThan(1);
    expect(reasons).toEqual(['stop']);
    expect(usage?.prompt_tokens).toBe(73);
  });

  it('gives log-probabilities, whole and streamed alike, and none unasked', async () => {
    const asked = { ...question, logprobs: true, top_logprobs: 2 };
    const { choices } = await client.chat.completions.create(asked);
    const content = choices[0]!.logprobs!.content!;
    expect(content.map(({ token }) => token).join('')).toMatch(/^ It is a bat\./);
    for (const { token, logprob, bytes, top_logprobs: likeliest } of content) {
      // Greedy: the likeliest is the one that was taken.
      expect(likeliest[0]).toEqual({ token, logprob, bytes });
      expect(likeliest[1]!.logprob).toBeLessThanOrEqual(logprob);
      expect(Math.exp(logprob) + Math.exp(likeliest[1]!.logprob)).toBeLessThanOrEqual(1 + 1e-6);
    }
    const streamed: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
      streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []));
    expect(content.slice(0, streamed.length)).toEqual(streamed);
    expect(streamed.length).toBeGreaterThan(3);
    expect((await client.chat.completions.create(question)).choices[0]!.logprobs).toBeNull();
  });

  it('is steered by a bias and by what ends a reply', async () => {
    const answer = async (changes: object) => {
      const body = { ...question, ...changes } as OpenAI.ChatCompletionCreateParamsNonStreaming;
      const { choices, usage } = await client.chat.completions.create(body);
      return { text: choices[0]!.message.content, tokens: usage!.completion_tokens };
    };
    const plain = await answer({});
    expect((await answer({ logit_bias: { 300: 100 }, max_tokens: 8 })).text).not.toBe(plain.text);
    expect(await answer({ ignore_eos: true, max_tokens: 3 })).toMatchObject({ tokens: 3 });
    const cut = await answer({ stop_token_ids: Array.from({ length: 16 }, (_, id) => id + 290) });
    expect(plain.text!.startsWith(cut.text ?? '')).toBe(true);
  });

  it('keeps talking about the image in the next turn', async () => {
    const completion = await client.chat.completions.create({
      ...question,
      messages: [
        ...question.messages,
        { role: 'assistant', content: 'It is a bat.' },
        { role: 'user', content: 'What is the background color?' },
      ],
    });
    expect(completion.choices[0]!.message.content).toBe('The background is white.');
    expect(completion.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);
  });

  it('refuses an image that cannot be read', async () => {
    const url = `data:image/png;base64,${Buffer.from('No image.').toString('base64')}`;
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
    ];
    const error = await failure(client.chat.completions.create({ model: 'nano', messages }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: 'invalid_image' });
  });
});

describe("a failure, through OpenAI's own client", () => {
  const engine = new ScriptedEngine();
  let server: RunningServer;
  let client: OpenAI;

  beforeAll(async () => {
    server = await runServer(() => engine);
    client = clientOf(server);
  });

  afterAll(() => server.close());

  const ask = (changes: object) =>
    client.chat.completions.create({
      model: 'scripted',
      messages: [{ role: 'user', content: 'Hello' }],
      ...changes,
    });
  const image = (url: string) => ({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });

  it.each([
    ['an address instead of an image', image('http://169.254.169.254/a.png'), /fetches no addresses/],
    ['no messages', { messages: [] }, /messages/],
    ['an answer at the end', { messages: [{ role: 'assistant', content: 'Yes.' }] }, /end with a question/],
    ['a temperature out of range', { temperature: 3 }, /temperature: It is 3, but must be from 0 to 2/],
    ['a stop text that is too long', { stop: ['#'.repeat(65)] }, /stop\.0: It has 65 characters/],
    [
      'a reply in JSON',
      { response_format: { type: 'json_object' } },
      /response_format\.type: .* does not support/,
    ],
    ['tools', { tools: [{ type: 'function', function: { name: 'look' } }] }, /tools: .* does not support/],
    ['several replies', { n: 2 }, /One reply a request/],
    [
      'a bias out of range',
      { logit_bias: { 5: 101 } },
      /logit_bias.*: It is 101, but must be from -100 to 100/,
    ],
    ['a min_p out of range', { min_p: 1.1 }, /min_p: It is 1.1, but must be from 0 to 1/],
    ['too many log-probabilities', { logprobs: true, top_logprobs: 21 }, /top_logprobs: .*from 0 to 20/],
    [
      'log-probabilities that are not asked for',
      { top_logprobs: 2 },
      /top_logprobs: It goes with logprobs: true/,
    ],
    ['a field of other servers', { typical_p: 0.1 }, /typical_p: .* does not support/],
    ['a grammar', { guided_regex: '[a-z]+' }, /guided_regex: .* does not support/],
    ['a field by another name', { repeat_penalty: 1.1 }, /repeat_penalty: .* repetition_penalty instead/],
    ['sound', { modalities: ['text', 'audio'] }, /modalities: /],
    [
      'a part that is no picture',
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
      /messages\.0\.content\.0.*"input_audio".*text and image_url/,
    ],
    [
      'an unknown role',
      { messages: [{ role: 'narrator', content: 'a' }] },
      /messages\.0\.role: .*one of system/,
    ],
    [
      'a picture that is not in base64',
      image('data:image/png,abc'),
      /messages\.0\.content\.0\.image_url: .*base64/,
    ],
  ])('says what is wrong with %s', async (_name, changes, message) => {
    const error = await failure(ask(changes));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(message) });
  });

  it('takes what asks for nothing special', async () => {
    const completion = await ask({
      tools: [],
      response_format: { type: 'text' },
      n: 1,
      frequency_penalty: 0,
      logit_bias: {},
      min_p: 0,
      tool_choice: 'auto',
      modalities: ['text'],
      user: 'somebody',
      metadata: { a: 'b' },
    });
    expect(completion.choices).toHaveLength(1);
  });

  const imageBytes = Buffer.from('image of a bat');
  const base64 = imageBytes.toString('base64');
  it.each([
    ['with a character set', { url: `data:image/png;charset=utf-8;base64,${base64}` }],
    ['with a name', { url: `data:image/png;name=a b.png;base64,${base64}` }],
    ['in upper case', { url: `DATA:IMAGE/PNG;BASE64,${base64}` }],
    ['without a type', { url: `data:;base64,${base64}` }],
    ['of no type in particular', { url: `data:application/octet-stream;base64,${base64}` }],
    ['with escaped characters', { url: `data:image/png;base64,${encodeURIComponent(base64)}` }],
    ['as a text alone', `data:image/png;base64,${base64}`],
  ])('takes an image %s', async (_name, url) => {
    await ask({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: url }] }] });
    expect(engine.requests.at(-1)?.segments).toContainEqual({
      kind: 'image',
      image: { kind: 'bytes', bytes: imageBytes },
    });
  });

  it('takes a history with calls of tools, and reads what they found', async () => {
    await ask({
      messages: [
        { role: 'user', content: 'How warm is it?' },
        { role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'function', function: {} }] },
        { role: 'tool', tool_call_id: '1', content: '21 degrees' },
        { role: 'assistant', content: [{ type: 'text', text: 'Warm.' }] },
        { role: 'user', content: 'Thanks' },
      ],
    });
    const [segment] = engine.requests.at(-1)!.segments;
    expect(segment).toMatchObject({
      text: expect.stringContaining(
        '###Human: How warm is it? 21 degrees###Assistant: Warm.###Human: Thanks###Assistant: ',
      ),
    });
  });

  it('takes -1 and an empty text for "as you like"', async () => {
    await ask({ seed: -1, top_k: -1, max_tokens: -1, stop: '' });
    expect(engine.requests.at(-1)).toMatchObject({
      sampling: { seed: undefined, topK: 0 },
      maxNewTokens: undefined,
      stopSequences: ['###'],
    });
  });

  it("ends a reply by the client's stop texts and by the template's", async () => {
    await ask({ stop: ['\n', 'END'] });
    expect(engine.requests.at(-1)?.stopSequences).toEqual(['###', '\n', 'END']);
  });

  it('says which picture cannot be read', async () => {
    const content = [
      { type: 'text', text: 'Compare.' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } },
      {
        type: 'image_url',
        image_url: { url: `data:image/png;base64,iVBORw0KGgo${'A'.repeat(28 * 2 ** 20)}` },
      },
    ];
    expect(await failure(ask({ messages: [{ role: 'user', content }] }))).toMatchObject({
      param: 'messages.0.content.2.image_url',
      message: expect.stringMatching(/at most 20971520 are accepted/),
    });
  });

  it("names a field at fault as OpenAI's interface calls it", async () => {
    expect(await failure(ask({ top_p: 2 }))).toMatchObject({ param: 'top_p' });
    expect(await failure(ask({ messages: [] }))).toMatchObject({ param: 'messages' });
  });

  it('says what there is at an address where nothing is', async () => {
    const error = await failure(client.embeddings.create({ model: 'scripted', input: 'Hello' }));
    expect(error).toMatchObject({ status: 404, code: 'unknown_url', type: 'invalid_request_error' });
    expect(error).toMatchObject({ message: expect.stringContaining('POST /v1/chat/completions') });
  });

  it.each([
    ['half a body', '{"model":', 'application/json', /The body is not JSON/],
    ['a body without its type', '{}', 'text/plain', /Content-Type: application\/json/],
  ])("refuses %s in OpenAI's form", async (_name, body, type, message) => {
    const address = `${server.url}/v1/chat/completions`;
    const response = await fetch(address, { method: 'POST', body, headers: { 'content-type': type } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
    });
  });

  it.each(['/v1/models', '/health', '/metrics'])('answers %s to no foreign page', async (path) => {
    const origin = 'https://evil.example';
    const response = await fetch(`${server.url}${path}`, { headers: { origin } });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(origin) } });
  });

  it('says that a model is not here, and which is', async () => {
    const error = await failure(ask({ model: 'gpt-4o' }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', message: expect.stringContaining('"scripted"') });
  });

  it('says when a full queue is worth another try', async () => {
    const error = await failure(ask({ messages: [{ role: 'user', content: 'too many' }] }));
    expect(error).toMatchObject({ status: 503, code: 'queue_full' });
    expect(error instanceof OpenAI.APIError && error.headers?.get('retry-after')).toBe('3');
  });

  it('says that the prompt is too long in the words that clients look for', async () => {
    const error = await failure(ask({ messages: [{ role: 'user', content: 'too long' }] }));
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  it('stops the engine when the client leaves the stream', async () => {
    const stream = await client.chat.completions.create({
      model: 'scripted',
      stream: true,
      messages: [{ role: 'user', content: 'talk' }],
    });
    for await (const _chunk of stream) break;
    await eventually(() => engine.running === 0);
    expect(engine.deltas).toBeGreaterThan(0);
  });
});
