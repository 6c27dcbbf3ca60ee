import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { z } from 'zod';

import { createModelClient, imageFromBytes, type ModelClient, type Reply } from '#libs/client';
import { buildPrompt, replyText } from '#libs/conversation';
import { startEngine } from '#libs/engine';
import { isRight, readPictureSets } from '#libs/evaluation';

import { sceneImage } from './emoji-scenes.js';
import { type RunningServer, runServer } from './running-server.js';

const nano = new URL('../../models/nano', import.meta.url).pathname;
const validation = new URL('../fixtures/emoji-scenes/validation/', import.meta.url).pathname;

/** What PyTorch generated with the same weights, greedily, in float32. */
const expected = z
  .object({
    answers: z.array(
      z.object({
        image: z.string().nullable(),
        question: z.string(),
        system_text: z.boolean().default(true),
        prompt_length: z.int(),
        answer: z.string(),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/nano-expected.json', import.meta.url), 'utf8')),
  ).answers;

let server: RunningServer;
let client: ModelClient;

beforeAll(async () => {
  server = await runServer((metrics) =>
    startEngine({ modelPath: nano, device: 'cpu', queueLimit: 200 }, { statistics: metrics }),
  );
  client = createModelClient({ address: server.address });
  await client.waitUntilReady();
});

afterAll(async () => {
  client.close();
  await server.close();
});

/** Asks as the bot does, for a greedy reply. */
async function ask(question: string, image: string | null, systemText?: string): Promise<Reply> {
  const images = image === null ? [] : [imageFromBytes(sceneImage(image))];
  const { segments } = buildPrompt({
    template: 'vicuna-v0',
    turns: [{ role: 'user', images, text: question }],
    systemText,
  });
  const reply = await client.generateOnce({ segments, sampling: { temperature: 0 } });
  return { ...reply, text: replyText('vicuna-v0', reply.text) };
}

/** Answers all questions that ask what a picture shows, as many at once as the server has slots. */
async function shareOfRightNames(set: string): Promise<number> {
  const [validationSet] = await readPictureSets(join(validation, set));
  const replies = await Promise.all(
    validationSet!.pictures.flatMap(({ path, questions }) =>
      questions
        .filter(({ kind }) => kind === 'naming')
        .map(async ({ text, expected }) =>
          isRight((await ask(text, relative(validation, path))).text, expected),
        ),
    ),
  );
  return replies.filter(Boolean).length / replies.length;
}

describe('the nano model, through the gRPC server', () => {
  it('answers as PyTorch does, to the letter but for a rare tie', async () => {
    const replies = await Promise.all(
      expected.map(({ question, image, system_text }) => ask(question, image, system_text ? undefined : '')),
    );
    expect(replies.map(({ usage }) => usage.promptTokens)).toEqual(
      expected.map(({ prompt_length }) => prompt_length),
    );
    const differing = expected.flatMap(({ answer }, index) =>
      replies[index]!.text === answer ? [] : [{ expected: answer, received: replies[index]!.text }],
    );
    expect(differing.slice(1)).toEqual([]);
  });

  it.each([
    ['seen-drawings', 0.925],
    ['scenes', 0.964],
    ['unseen-drawings', 0.239],
  ])('names in %s the share that its README states', async (set, share) => {
    expect(await shareOfRightNames(set)).toBeGreaterThanOrEqual(share);
  });
});
