import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';

import { UnusablePictureError, type VisionModel } from '#libs/vision-model';

import { AllowedFolders, createMcpServer, fetchPublicPicture, type McpServerOptions } from './index.js';

let folder: string;
let photos: string;
let client: Client;
/** What the model was asked last, and what it says to it. */
let asked: { picture: string; question: string } | undefined;
let reply: string;

const model: VisionModel = {
  name: 'scripted',
  template: 'vicuna-v0',
  atOnce: 1,
  maxImageBytes: 100,
  async ask(picture, { text }, signal) {
    signal?.throwIfAborted();
    asked = { picture: Buffer.from(picture).toString(), question: text };
    if (asked.picture === 'letter') throw new UnusablePictureError('This is a letter.');
    return { text: reply, finishReason: 'stop', notices: ['first-frame-only'] };
  },
  async close() {},
};

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mcp-')));
  photos = join(folder, 'photos');
  await mkdir(join(photos, 'pets'), { recursive: true });
  await writeFile(join(photos, 'pets/cat.png'), 'cat');
  await writeFile(join(photos, 'large.png'), 'x'.repeat(101));
  await writeFile(join(folder, 'secret.png'), 'secret');
  await mkdir(join(folder, 'photos-of-others'));
  await writeFile(join(folder, 'photos-of-others/dog.png'), 'dog');
  await symlink(join(folder, 'secret.png'), join(photos, 'link.png'));
  await symlink(folder, join(photos, 'up'));
  await symlink(join(photos, 'pets'), join(folder, 'album'));

  client = await connect();
});
afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = undefined;
  reply = 'A cat.';
});

async function connect(fetchPicture?: McpServerOptions['fetchPicture']): Promise<Client> {
  const allowed = await AllowedFolders.open([photos]);
  const server = createMcpServer({ model: Promise.resolve(model), allowed, fetchPicture, version: '1.2.3' });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  const connected = new Client({ name: 'spec', version: '1' });
  await connected.connect(here);
  await connected.listTools(); // by whose schemas the client checks what comes back
  return connected;
}

const call = (name: string, input: Record<string, unknown>) => client.callTool({ name, arguments: input });
const picture = { data: Buffer.from('cat').toString('base64') };

async function refusalOf(input: Record<string, unknown>): Promise<string> {
  const { isError, content } = await call('describe_image', input);
  expect([isError, asked]).toEqual([true, undefined]);
  return (content as { text: string }[])[0]!.text;
}

describe('the tools', () => {
  it('say what they are, what they take and that they change nothing', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      ...['alt_text', 'ask_about_image', 'choose', 'count', 'describe_image'],
    ]);
    for (const tool of tools) {
      expect(tool).toMatchObject({
        description: expect.any(String),
        inputSchema: { properties: { path: { type: 'string' }, data: { type: 'string' } } },
        outputSchema: { required: expect.arrayContaining(['answer', 'cut_off', 'notices']) },
        annotations: { readOnlyHint: true },
      });
    }
    expect(client.getInstructions()).toContain(photos);
  });

  it.each([
    ['describe_image', {}, 'Describe this image in detail.'],
    ['alt_text', {}, 'Write alt text for this image.'],
    ['ask_about_image', { question: 'Why?' }, 'Why?'],
  ])(
    '%s asks the model and gives its answer, with what to know about the picture',
    async (name, more, question) => {
      const { content, structuredContent } = await call(name, { ...picture, ...more });
      const notice = 'The image is animated. Only its first frame was looked at.';
      expect(asked).toEqual({ picture: 'cat', question });
      expect(content).toEqual([{ type: 'text', text: `A cat.\n${notice}` }]);
      expect(structuredContent).toEqual({ answer: 'A cat.', cut_off: false, notices: [notice] });
    },
  );

  it.each([
    ['There are three objects.', 3],
    ['I see 12 of them, two in front.', 12],
    ['No, there is only one.', 1],
    ['There are no dogs.', 0],
  ])('count finds the number in "%s"', async (said, count) => {
    reply = said;
    const { structuredContent } = await call('count', { ...picture, things: 'dogs' });
    expect(structuredContent).toMatchObject({ count, answer: said });
    expect(asked?.question).toBe('How many dogs are there?');
  });

  it('choose finds the choice in the answer', async () => {
    reply = 'It is a black bear.';
    const choices = ['black', 'a bird', 'a black bear'];
    const { structuredContent } = await call('choose', { ...picture, question: 'What is it?', choices });
    expect(structuredContent).toMatchObject({ choice: 'a black bear', answer: reply });
    expect(asked?.question).toBe('What is it? Choose one of these answers: black, a bird, a black bear.');
  });

  it.each([
    ['count', { things: 'dogs' }, 'The model named no number. It said: A cat.'],
    [
      'choose',
      { question: 'What?', choices: ['a bus', 'a bat'] },
      'The model named none of the choices. It said: A cat.',
    ],
    ['describe_image', { data: Buffer.from('letter').toString('base64') }, 'This is a letter.'],
  ])('%s says so in a sentence when the answer is none', async (name, more, sentence) => {
    await expect(call(name, { ...picture, ...more })).resolves.toEqual({
      isError: true,
      content: [{ type: 'text', text: sentence }],
    });
  });
});

describe('a picture', () => {
  it.each([
    ['by its path', () => join(photos, 'pets/cat.png')],
    ['from the folder on', () => 'pets/cat.png'],
    ['by a link that leads into the folder', () => join(folder, 'album/cat.png')],
  ])('is read %s', async (_, path) => {
    await call('describe_image', { path: path() });
    expect(asked?.picture).toBe('cat');
  });

  it('is read from a data: URL', async () => {
    await call('describe_image', { data: `data:image/png;base64,${picture.data}` });
    expect(asked?.picture).toBe('cat');
  });

  it.each([
    ['outside', () => join(folder, 'secret.png')],
    ['outside, by two dots', () => join('pets', '../../secret.png')],
    ['by a link that leads out', () => join(photos, 'link.png')],
    ['by a folder that is a link', () => 'up/secret.png'],
    ['in a folder whose name begins the same', () => join(folder, 'photos-of-others/dog.png')],
    ['of the folder the server was started in', () => 'package.json'],
    ['that is not there', () => join(photos, 'nowhere.png')],
    ['of the folder itself', () => photos],
    ['with a zero byte', () => 'pets/cat.png\0'],
  ])('is not read %s', async (_, path) => {
    await expect(refusalOf({ path: path() })).resolves.toBe(
      `There is no file ${path()} that may be read. Files may be read in ${photos}.`,
    );
  });

  it.each([
    [{}, 'Give one picture: its path, its data in base64, or its url.'],
    [{ path: 'pets/cat.png', ...picture }, 'Give one picture: its path, its data in base64, or its url.'],
    [{ path: 'pets' }, 'pets is not a file.'],
    [{ path: 'large.png' }, 'large.png has 101 bytes; at most 100 are taken.'],
    [{ data: Buffer.alloc(101).toString('base64') }, 'The picture has 101 bytes; at most 100 are taken.'],
    [{ url: 'https://example.com/cat.png' }, /^Addresses are not fetched here\./],
    [{ data: 'a cat!' }, /^The data is not base64\./],
  ])('of %j is refused in a sentence', async (input, sentence) => {
    const refusal = await refusalOf(input);
    if (typeof sentence === 'string') expect(refusal).toBe(sentence);
    else expect(refusal).toMatch(sentence);
  });

  it('is fetched from an address where that is allowed', async () => {
    const fetching = await connect(async (address, maxBytes) =>
      Buffer.from(`${maxBytes} bytes of ${address}`),
    );
    const url = 'https://example.com/cat.png';
    await fetching.callTool({ name: 'describe_image', arguments: { url } });
    expect(asked?.picture).toBe(`100 bytes of ${url}`);
    await fetching.close();
  });

  it.each([
    'http://example.com/cat.png',
    'https://127.0.0.1/cat.png',
    'https://[::1]/',
    'file:///etc/passwd',
  ])('is not fetched from %s, which is not public', async (url) => {
    await expect(fetchPublicPicture(url, 100, new AbortController().signal)).rejects.toThrow(
      UnusablePictureError,
    );
  });
});
