import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { shapes } from '#libs/benchmark';
import { openModelPackage, verifyModelPackage } from '#libs/model-package';

import { runCommand } from './command-line.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-bench-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('bench', () => {
  it('makes a model of any shape, measures it, and keeps it where asked', async () => {
    const { nano } = shapes;
    const shape = join(folder, 'architecture.json');
    const decoder = { ...nano.decoder, layers: 1, vocabulary: 600, contextLength: 256 };
    await writeFile(shape, JSON.stringify({ ...nano, vision: { ...nano.vision, depth: 1 }, decoder }));

    const out = join(folder, 'model');
    const options = ['--shape', shape, '--block-size', '64', '--out', out, '--json'];
    const { stdout, exitCode } = await runCommand('bench', ...options);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      prefill: { 16: expect.any(Number), 192: expect.any(Number) },
      decode: { 64: expect.any(Number) },
      image_encode: expect.any(Number),
    });
    const kept = await openModelPackage(out);
    await verifyModelPackage(kept);
    expect(kept.manifest.quantization.decoder).toEqual({ kind: 'int4', blockSize: 64 });
  });

  it('knows its shapes by name', async () => {
    const { stderr, exitCode } = await runCommand('bench', '--shape', 'huge');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      '--shape takes nano, tinyllama, 7b, vit-g or a JSON file, and "huge" is none of them.\n',
    );
  });
});
