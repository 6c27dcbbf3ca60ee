import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { float32Tensor, layOutSafetensors } from '#libs/checkpoint';
import { convert } from '#libs/model-package';

import { HubServer } from '../../test-servers/hub/hub-server.js';
import { writeBlip2Folder, writeWholeModel } from '../support/blip-2-folder.js';
import { eventually } from '../support/eventually.js';
import { tinyBlip2, tinyInstructBlip } from '../support/tiny-blip-2.js';
import { tinySources } from '../support/tiny-reference.js';
import { runCommand, startCommand } from './command-line.js';

const VISION = 'Salesforce/blip2-flan-t5-xxl';
const LLM = 'Vision-CAIR/vicuna-7b';
const PROJECTION = 'spaces/Vision-CAIR/minigpt4';

/** Of the FlanT5 that BLIP-2's file holds as well. */
const LANGUAGE_MODEL_BYTES = 4_000_000;

let folder: string;
let root: string;
let out: string;
let hub: HubServer;
let digests: Record<string, string>;

/** The reference, published where the 7B model's parts are. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pull-'));
  root = join(folder, 'hub');
  const unneeded = new Float32Array(LANGUAGE_MODEL_BYTES / 4);
  await writeBlip2Folder(join(root, VISION), [
    float32Tensor('language_model.shared.weight', [unneeded.length], unneeded),
  ]);
  await cp(tinySources.llm, join(root, LLM), { recursive: true });
  await mkdir(join(root, PROJECTION), { recursive: true });
  await cp(tinySources.projection, join(root, PROJECTION, 'prerained_minigpt4_7b.pth'));
  const original = await convert({
    sources: tinySources,
    out: join(folder, 'original'),
    quantization: { kind: 'none' },
    encoderQuantization: { kind: 'int8' },
  });
  digests = original.digests;
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  hub = await HubServer.start(root);
  out = join(await mkdtemp(join(folder, 'out-')), 'package');
});
afterEach(() => hub.close());

const pull = (...more: readonly string[]) =>
  runCommand(
    ...['pull', 'minigpt4-vicuna-7b', '--out', out, '--endpoint', hub.endpoint],
    ...['--accept-license', '--quantize', 'none', ...more],
  );

async function digestsOfPackage(): Promise<unknown> {
  return JSON.parse(await readFile(join(out, 'model.json'), 'utf8')).digests;
}

describe('pull', () => {
  it('makes the package that the original files make', async () => {
    expect(await pull()).toMatchObject({ exitCode: 0, stdout: `${out}\n` });
    expect(await digestsOfPackage()).toEqual(digests);
    expect(await readdir(join(out, '..'))).toEqual(['package']);
  });

  it('fetches of the large BLIP-2 file only what it needs', async () => {
    await pull();
    const { size } = await stat(join(root, VISION, 'model.safetensors'));
    const fetched = hub.fileRequests
      .filter(({ path }) => path === `${VISION}/model.safetensors`)
      .reduce((sum, { start, end }) => sum + end + 1 - start, 0);
    expect(fetched).toBeLessThan(size - LANGUAGE_MODEL_BYTES + 1);
  });

  it('survives connections that break', async () => {
    hub.faults.breaks = 4;
    expect((await pull()).exitCode).toBe(0);
    expect(await digestsOfPackage()).toEqual(digests);
  });

  it('goes on where it stopped when it is run again', async () => {
    await rm(join(root, LLM, 'model-00002-of-00002.safetensors'));
    const failed = await pull();
    expect([failed.exitCode, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/Vision-CAIR\/vicuna-7b .+ lacks its shard model-00002-of-00002\.safetensors/),
    ]);
    await cp(
      join(tinySources.llm, 'model-00002-of-00002.safetensors'),
      join(root, LLM, 'model-00002-of-00002.safetensors'),
    );
    const index = `${LLM}/model.safetensors.index.json`;
    const timesFetched = () => hub.fileRequests.filter(({ path }) => path === index).length;
    expect(timesFetched()).toBe(1);
    expect((await pull()).exitCode).toBe(0);
    expect(timesFetched()).toBe(1);
    expect(await digestsOfPackage()).toEqual(digests);
  });

  it('ends at once when it is interrupted, and goes on when it is run again', async () => {
    hub.faults.breaks = 1_000;
    const running = startCommand(
      ...['pull', 'minigpt4-vicuna-7b', '--out', out, '--endpoint', hub.endpoint],
      ...['--accept-license', '--quantize', 'none'],
    );
    await eventually(() => hub.fileRequests.length > 0);
    running.kill('SIGINT');
    expect(await running.ended).toEqual([130, null]);
    hub.faults.breaks = 0;
    expect((await pull()).exitCode).toBe(0);
    expect(await digestsOfPackage()).toEqual(digests);
  });

  it('says that a mirror serves another projection than the published one', async () => {
    const { stderr } = await pull();
    expect(stderr).toMatch(/is not the file that MiniGPT-4's authors published: its SHA-256 is [0-9a-f]{64}/);
  });

  it('works without a network from downloads that were kept', async () => {
    const downloads = join(out, '..', 'downloads');
    await pull('--downloads', downloads);
    await rm(out, { recursive: true });
    const requests = hub.fileRequests.length;
    const offline = await runCommand(
      ...[
        'pull',
        'minigpt4-vicuna-7b',
        '--out',
        out,
        '--from',
        downloads,
        '--accept-license',
        '--quantize',
        'none',
      ],
    );
    expect(offline.exitCode).toBe(0);
    expect(await digestsOfPackage()).toEqual(digests);
    expect(hub.fileRequests).toHaveLength(requests);
  });
});

describe('mistakes and misfortunes of pull', () => {
  const failure = async (message: RegExp, ...more: readonly string[]) => {
    const { exitCode, stderr } = await pull(...more);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(await readdir(out).catch(() => 'absent')).toBe('absent');
  };

  it('shows the licence before anything is fetched', async () => {
    const { exitCode, stderr } = await runCommand(
      ...['pull', 'minigpt4-vicuna-7b', '--out', out, '--endpoint', hub.endpoint],
    );
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/research only.+--accept-license/s)]);
    expect(hub.fileRequests).toEqual([]);
  });

  it('says that a repository is gone', async () => {
    const { stderr } = await runCommand(
      ...['pull', 'minigpt4-llama2-7b', '--out', out, '--endpoint', hub.endpoint, '--accept-license'],
    );
    expect(stderr).toMatch(/Vision-CAIR\/MiniGPT-4 is not on .+ moved or deleted\. A mirror/);
  });

  it('says that a folder to convert from holds no downloads', async () => {
    await failure(
      /nowhere holds no downloads of minigpt4-vicuna-7b\. Fill it/,
      '--from',
      join(folder, 'nowhere'),
    );
  });

  it('names the models there are', async () => {
    const { stderr } = await runCommand('pull', 'gpt-5', '--out', out, '--accept-license');
    expect(stderr).toMatch(
      /no published model "gpt-5".+minigpt4-vicuna-7b, minigpt4-vicuna-13b, minigpt4-llama2-7b/,
    );
  });

  it('tells how to get a token for a gated model', async () => {
    hub.gated.set(LLM, 'hf_secret');
    await failure(
      /Vision-CAIR\/vicuna-7b is locked .+ it needs a token .+ at .+Vision-CAIR\/vicuna-7b, .+ set HF_TOKEN/,
    );
  });

  it('says before anything large is fetched that the disk has no room for it', async () => {
    const llm = join(root, 'Vision-CAIR/vicuna');
    await cp(tinySources.llm, llm, {
      recursive: true,
      filter: (path) => !/\.(bin|safetensors|index\.json)$/.test(path),
    });
    const { header, fileSize } = layOutSafetensors([
      { name: 'model.embed_tokens.weight', type: 'F16', shape: [2 ** 40] },
    ]);
    await writeFile(join(llm, 'model.safetensors'), header);
    await truncate(join(llm, 'model.safetensors'), fileSize);
    await mkdir(join(root, 'Vision-CAIR/MiniGPT-4'));
    await cp(tinySources.projection, join(root, 'Vision-CAIR/MiniGPT-4/pretrained_minigpt4.pth'));
    const { exitCode, stderr } = await runCommand(
      ...['pull', 'minigpt4-vicuna-13b', '--out', out, '--endpoint', hub.endpoint, '--accept-license'],
    );
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(
        /minigpt4-vicuna-13b needs about 3\.0 TB of disk space at .+, but .+ are free\. Make room/,
      ),
    ]);
  });

  it('does not believe a server that lies about sizes', async () => {
    hub.faults.sizeLie = 5;
    await failure(/with \d+ bytes but serves \d+\. The server is at fault/);
  });

  it('notices a bit that was flipped on the way', async () => {
    hub.faults.corrupted = 'tokenizer.model';
    await failure(/does not have the checksum that the hub lists/);
  });

  it('gives up on a connection that never holds, and says how to go on', async () => {
    hub.faults.breaks = 1_000;
    await failure(/failed 6 times: the connection broke off\. Run the same command again/);
  });

  it('does not overwrite a folder', async () => {
    await mkdir(out);
    await cp('package.json', join(out, 'package.json'));
    const { stderr } = await pull();
    expect(stderr).toMatch(/already holds files/);
    expect(hub.fileRequests).toEqual([]);
  });

  it('says that a server cannot be reached', async () => {
    await failure(/http:\/\/127\.0\.0\.1:9 cannot be reached/, '--endpoint', 'http://127.0.0.1:9');
  });
});

/** Where small models lie in the layouts of the hub, and the package that each makes when it is converted there. */
describe.each([
  {
    name: 'llava-1.5-7b',
    publish: () =>
      cp('test/fixtures/families/llava/hf', join(root, 'llava-hf/llava-1.5-7b-hf'), { recursive: true }),
    from: ['llava-hf/llava-1.5-7b-hf'],
    licence: /LLaVA-1\.5 is made from Llama 2/,
  },
  {
    name: 'blip2-opt-2.7b',
    publish: () => writeWholeModel(join(root, 'Salesforce/blip2-opt-2.7b'), tinyBlip2),
    from: ['Salesforce/blip2-opt-2.7b'],
    licence: /OPT-175B License of Meta .+ research only/,
  },
  {
    name: 'instructblip-vicuna-7b',
    publish: async () => {
      const repository = join(root, 'Salesforce/instructblip-vicuna-7b');
      await writeWholeModel(repository, tinyInstructBlip);
      await cp(tinyInstructBlip.vocabulary, join(repository, 'qformer_tokenizer'), { recursive: true });
    },
    from: ['Salesforce/instructblip-vicuna-7b'],
    licence: /Vicuna v1\.1 .+ research only/,
  },
  {
    name: 'minigpt-v2',
    publish: async () => {
      const folder = 'test/fixtures/families/minigpt-v2';
      await rm(join(root, VISION), { recursive: true });
      await writeBlip2Folder(join(root, VISION), [], { vit: join(folder, 'eva_vit_g.pth') });
      await cp(join(folder, 'llm'), join(root, 'meta-llama/Llama-2-7b-chat-hf'), { recursive: true });
      const space = join(root, 'spaces/Vision-CAIR/MiniGPT-v2');
      await mkdir(space, { recursive: true });
      await cp(join(folder, 'minigptv2_checkpoint.pth'), join(space, 'minigptv2_checkpoint.pth'));
    },
    from: [VISION, 'meta-llama/Llama-2-7b-chat-hf', 'spaces/Vision-CAIR/MiniGPT-v2'],
    licence: /Llama 2 Community License/,
  },
])('$name, published on the hub', ({ name, publish, from, licence }) => {
  it('shows its licence, and when it is accepted, is fetched and made the package that its folders make', async () => {
    await publish();
    const { digests: expected, architecture } = await convert({
      sources: { from: from.map((repository) => join(root, repository)) },
      out: join(await mkdtemp(join(folder, `${name}-`)), 'original'),
      quantization: { kind: 'none' },
      encoderQuantization: { kind: 'int8' },
    });
    const command = ['pull', name, '--out', out, '--endpoint', hub.endpoint, '--quantize', 'none'];
    const refused = await runCommand(...command);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(licence)]);
    const { exitCode, stderr } = await runCommand(...command, '--accept-license');
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    const manifest = JSON.parse(await readFile(join(out, 'model.json'), 'utf8'));
    expect([manifest.name, manifest.digests]).toEqual([name, expected]);
    expect(manifest.architecture).toEqual(architecture);
  });
});
