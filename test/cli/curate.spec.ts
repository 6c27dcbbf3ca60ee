import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';

import { eventually } from '../support/eventually.js';
import {
  type CompletionRequest,
  type ScriptedEndpoint,
  type ScriptedReply,
  startScriptedEndpoint,
} from '../support/scripted-chat-completions.js';
import { runCommand, startCommand } from './command-line.js';

const scenes = 'test/fixtures/emoji-scenes/validation/seen-drawings';

let folder: string;
let images: string;
let endpoint: ScriptedEndpoint;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curate-'));
  images = join(folder, 'photos');
  await mkdir(images);
  for (const name of ['0000', '0001', '0002', '0003']) {
    await copyFile(`${scenes}/${name}.png`, join(images, `${name}.png`));
  }
  await writeFile(join(images, 'letter.jpg'), 'Dear reader, this is not a picture.');
});
afterAll(() => rm(folder, { recursive: true }));

afterEach(() => endpoint.close());

const curate = (out: string, ...more: readonly string[]) => [
  ...['curate', '--model', 'models/nano', '--images', images, '--out', join(folder, out)],
  ...[
    '--endpoint',
    endpoint.address,
    '--repair-model',
    'repairer',
    '--requests-per-minute',
    '100000',
    ...more,
  ],
];

const paragraphOf = ({ messages }: CompletionRequest) => messages.at(-1)!.content;

/** Repairs as a language model would, with the bad manners of some. */
function repair(request: CompletionRequest): ScriptedReply {
  const [firstSentence = ''] = paragraphOf(request).split(/(?<=\.)\s/);
  if (firstSentence.includes('bat'))
    return { text: `I'm sorry I made a mistake. ${firstSentence} It has wings.` };
  if (firstSentence.includes('oyster')) return { text: 'An oyster.' };
  return { text: `${firstSentence} It fills most of the picture.` };
}

describe('curate', () => {
  it('makes pairs for stage 2, and goes on after the endpoint failed and after a kill', async () => {
    let reply: (request: CompletionRequest, number: number) => ScriptedReply = (request, number) =>
      number <= 1 ? repair(request) : { status: 403, error: { message: 'Your credit is used up.' } };
    endpoint = await startScriptedEndpoint((request, number) => reply(request, number));

    const asked = await runCommand(...curate('pairs'));
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toMatch(
      /^4 descriptions go to .*: about [\d,]+ tokens there and [\d,]+ back\. Go on\? Nobody can be asked here: run the command with --yes to say yes\.\n$/,
    );
    expect(endpoint.requests).toHaveLength(0);

    const failed = await runCommand(...curate('pairs', '--yes'));
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(
      'did not repair with "repairer": 403 Your credit is used up. What is done is kept: run the same command again to go on.',
    );

    reply = () => 'silence';
    const before = endpoint.requests.length;
    const killed = startCommand(...curate('pairs', '--yes'));
    await eventually(() => endpoint.requests.length > before);
    killed.kill('SIGKILL');
    await killed.ended;

    reply = repair;
    const done = await runCommand(
      ...curate('pairs', '--yes', '--json', '--prompt-price', '10', '--completion-price', '100'),
    );
    expect(done.exitCode).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      images: 5,
      repaired: 4,
      mended: { apology: 1 },
      dropped: { unreadable: 1, short: 1 },
      pairs: 3,
      promptTokens: 400,
      completionTokens: 160,
      cost: 0.02,
    });

    const pairs = join(folder, 'pairs');
    const { annotations } = JSON.parse(await readFile(join(pairs, 'filter_cap.json'), 'utf8'));
    const captions = new Map<string, string>(
      annotations.map(({ image_id, caption }: Record<string, string>) => [image_id, caption]),
    );
    expect(captions.get('0000')).toMatch(/bat .*It has wings\.$/);
    expect([...captions.keys()].sort()).toEqual(['0000', '0002', '0003']);
    await expect(readdir(join(pairs, 'image'))).resolves.toEqual(['0000.jpg', '0002.jpg', '0003.jpg']);
    await expect(sharp(join(pairs, 'image', '0002.jpg')).metadata()).resolves.toMatchObject({
      format: 'jpeg',
      width: 112,
      height: 112,
    });
    const journal = await readFile(join(pairs, 'journal.jsonl'), 'utf8');
    expect(journal).toContain("I'm sorry I made a mistake.");
  });
});
