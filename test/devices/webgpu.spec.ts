import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { convert, openModelPackage } from '#libs/model-package';

import { runProcessWith } from '../cli/command-line.js';
import { tinySources } from '../support/tiny-reference.js';
import { hasSoftwareVulkan, unpackSoftwareVulkan } from './software-vulkan.js';

const prompt = '###Human: Hello there###Assistant: ';

interface Reply {
  readonly token_ids: readonly number[];
  readonly decode_transferred_bytes?: number;
}

const [suite, why] = hasSoftwareVulkan
  ? [describe, '']
  : [describe.skip, ' (which is for Linux on x86-64 only)'];

suite(`on WebGPU, with a driver that computes in software${why}`, () => {
  let folder: string;
  let model: string;
  let driver: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'minigpt4-webgpu-'));
    model = join(folder, 'tiny');
    await convert({ sources: tinySources, out: model, quantization: { kind: 'none' } });
    driver = await unpackSoftwareVulkan(join(folder, 'vulkan'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function generate(device: string, variables: Record<string, string>): Promise<Reply> {
    const { stdout, stderr } = await runProcessWith(
      variables,
      ...['generate', '--model', model, '--prompt', prompt, '--device', device],
      ...['--temperature', '0', '--max-new-tokens', '3', '--json'],
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Reply;
  }

  it('the reference gets the words of the processor, and its keys and values stay on the device', async () => {
    const [onCpu, onWebGpu] = await Promise.all([generate('cpu', {}), generate('webgpu', driver)]);
    expect(onWebGpu.token_ids).toEqual(onCpu.token_ids);

    // A step sends an embedding, two positions and an offset, and gets logits back; the cache would take much more.
    const { hidden, vocabulary } = (await openModelPackage(model)).manifest.architecture.decoder;
    const bytesPerStep = 4 * hidden + 4 + 4 + 8 + 4 * vocabulary;
    expect(onWebGpu.decode_transferred_bytes).toBe(2 * bytesPerStep);
    expect(onCpu.decode_transferred_bytes).toBeUndefined();
  });

  it('a machine without a driver is told so in a sentence', async () => {
    const none = {
      VK_DRIVER_FILES: '/nowhere',
      VK_ICD_FILENAMES: '/nowhere',
      LD_LIBRARY_PATH: driver.LD_LIBRARY_PATH!,
    };
    const { exitCode, stderr } = await runProcessWith(
      none,
      ...['generate', '--model', model, '--prompt', prompt, '--device', 'webgpu'],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'The device "webgpu" cannot be used: no graphics processor with a Vulkan driver was found.',
    );
  });
});
