import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WeightFiles } from './weight-files.js';

describe('the files of a loaded package', () => {
  let folder: string;
  let decoder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weight-files-'));
    decoder = join(folder, 'decoder.safetensors');
    for (const part of ['vision', 'projection', 'decoder']) {
      writeFileSync(join(folder, `${part}.safetensors`), 'weights');
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are whole until one is cut, which is named with what is left of it', () => {
    const files = new WeightFiles(folder);
    files.requireWhole();
    truncateSync(decoder, 3);
    expect(() => files.requireWhole()).toThrow(`${decoder} was cut to 3 of its 7 bytes while it was in use.`);
  });

  it('are whole although others take their place', () => {
    const files = new WeightFiles(folder);
    writeFileSync(`${decoder}.new`, 'new');
    renameSync(`${decoder}.new`, decoder);
    files.requireWhole();
  });
});
