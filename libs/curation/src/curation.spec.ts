import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Curation, outcomeOf } from './curation.js';
import { listImages } from './image-folder.js';
import { estimateRepair } from './repair-cost.js';
import { reportOf } from './result.js';

const settings = { images: 'photos', model: 'my-stage1', seed: 42 };
const good = 'The image shows a brown dog that runs along a sandy beach. The sea behind it is calm.';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curation-'));
});
afterEach(() => rm(folder, { recursive: true }));

function describe1(curation: Curation, id: string): void {
  curation.record({
    step: 'described',
    id,
    file: `${id}.png`,
    text: 'A dog run.',
    tokens: 4,
    isContinued: true,
  });
}

function repair(curation: Curation, id: string, answer: string): void {
  curation.record({ step: 'repaired', id, answer, promptTokens: 100, completionTokens: 20 });
}

describe('a folder of curated pairs', () => {
  it('is as it was when it is opened again, but for the line that a kill tore', async () => {
    const curation = Curation.open(folder, settings);
    describe1(curation, 'dog');
    repair(curation, 'dog', good);
    describe1(curation, 'cat');
    await appendFile(join(folder, 'journal.jsonl'), '{"step":"repaired","id":"cat","answ');

    const again = Curation.open(folder, settings);
    expect(again.pairs).toEqual(curation.pairs);
    repair(again, 'cat', good);
    expect(Curation.open(folder, settings).pairs).toEqual(again.pairs);
  });

  it('keeps every raw answer', async () => {
    const raw = `I'm sorry I made a mistake. ${good}`;
    const curation = Curation.open(folder, settings);
    describe1(curation, 'dog');
    repair(curation, 'dog', raw);
    expect(outcomeOf(curation.pairs[0]!)).toMatchObject({ kind: 'kept', caption: good });
    await expect(readFile(join(folder, 'journal.jsonl'), 'utf8')).resolves.toContain(JSON.stringify(raw));
  });

  it('is not mixed with pictures or descriptions of other origin', () => {
    Curation.open(folder, settings);
    expect(() => Curation.open(folder, { ...settings, model: 'other' })).toThrow(
      `${folder} was begun with model "my-stage1", not "other". Run it as it was begun, or curate into another folder.`,
    );
  });

  it('is refused when somebody wrote into its journal', async () => {
    Curation.open(folder, settings);
    await appendFile(join(folder, 'journal.jsonl'), '{"step": "danced"}\n');
    expect(() => Curation.open(folder, settings)).toThrow(/^Line 2 of .*journal\.jsonl is not a record/);
  });

  it('counts what became of the pictures, and why they were dropped', () => {
    const curation = Curation.open(folder, settings);
    for (const id of ['a', 'b', 'c', 'd', 'e']) describe1(curation, id);
    curation.record({ step: 'unreadable', id: 'f', file: 'f.png', reason: 'It is text.' });
    repair(curation, 'a', good);
    repair(curation, 'b', 'Too short.');
    repair(curation, 'c', `${good} I apologize for that.`);
    repair(curation, 'd', good);
    curation.record({ step: 'refused', id: 'e', reason: 'Filtered.' });
    curation.record({ step: 'reviewed', id: 'c', decision: 'keep', caption: 'A better description.' });
    curation.record({ step: 'reviewed', id: 'd', decision: 'reject', caption: good });
    expect(reportOf(curation)).toEqual({
      images: 6,
      continued: 5,
      repaired: 4,
      mended: { apology: 1 },
      dropped: { short: 1, refused: 1, unreadable: 1, rejected: 1 },
      reviewed: { kept: 1, edited: 1, rejected: 1 },
      pairs: 2,
      promptTokens: 400,
      completionTokens: 80,
    });
  });

  it('lets a person bring back what the rules dropped', () => {
    const curation = Curation.open(folder, settings);
    describe1(curation, 'a');
    repair(curation, 'a', 'Too short.');
    curation.record({ step: 'reviewed', id: 'a', decision: 'keep', caption: 'Short but true.' });
    expect(outcomeOf(curation.pairs[0]!)).toMatchObject({ kind: 'kept', caption: 'Short but true.' });
  });
});

describe('a folder of pictures', () => {
  it('names each picture by its file, with the ending where two would be called alike', async () => {
    for (const file of ['cat.jpg', 'dog.png', 'dog.webp', 'notes.txt'])
      await writeFile(join(folder, file), '');
    await expect(listImages(folder)).resolves.toEqual([
      { id: 'cat', file: 'cat.jpg' },
      { id: 'dog.png', file: 'dog.png' },
      { id: 'dog.webp', file: 'dog.webp' },
    ]);
  });

  it('must hold some', async () => {
    await expect(listImages(folder)).rejects.toThrow(
      `There is no picture in ${folder}. Pictures end in .jpg, .jpeg, .png, .webp, .gif, .avif.`,
    );
    await expect(listImages(join(folder, 'gone'))).rejects.toThrow('cannot be read. Is the path right?');
  });
});

describe('the estimate of what repairing takes', () => {
  it('counts the prompt for each description, and answers as long as what they repair', () => {
    const one = estimateRepair(['x'.repeat(400)]);
    expect(one).toEqual({ promptTokens: 193, completionTokens: 100 });
    expect(estimateRepair(Array(10).fill('x'.repeat(400)))).toEqual({
      promptTokens: 1930,
      completionTokens: 1000,
    });
  });
});
