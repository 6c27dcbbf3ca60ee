import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type CommandResult, runCommand } from './command-line.js';

const validation = resolve('test/fixtures/emoji-scenes/validation');

let folder: string;
let evaluated: CommandResult;

/** Drawings the nano model never saw, and the bat in the layouts of AOK-VQA and GQA. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
  const data = join(folder, 'data');
  const write = async (set: string, file: string, questions: unknown, image: string) => {
    await mkdir(join(data, set, 'images'), { recursive: true });
    await writeFile(join(data, set, file), JSON.stringify(questions));
    await copyFile(join(validation, 'seen-drawings/0000.png'), join(data, set, 'images', image));
  };
  const choices = ['a bus', 'a bat', 'an oyster', 'a garlic'];
  const choice = { split: 'val', image_id: 7, question: 'What is this?', choices };
  await write(
    'aok-vqa',
    'aokvqa_v1p0_val.json',
    [
      { ...choice, correct_choice_idx: 1 },
      { ...choice, correct_choice_idx: 3 },
    ],
    '000000000007.jpg',
  );
  await write(
    'gqa',
    'testdev_balanced_questions.json',
    { 1: { imageId: 'n7', question: 'What color is the background?', answer: 'white' } },
    'n7.jpg',
  );
  await symlink(join(validation, 'unseen-drawings'), join(data, 'unseen-drawings'));
  evaluated = await runCommand(
    ...['evaluate', '--model', 'models/nano', '--data', data, '--page', join(folder, 'page.html'), '--json'],
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('evaluate', () => {
  it('gives the scores that the README of the nano model states', () => {
    expect(evaluated).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('page.html') });
    expect(JSON.parse(evaluated.stdout).sets['unseen-drawings'].kinds).toEqual({
      naming: { right: 11, asked: 46 },
      counting: { right: 20, asked: 20 },
      background: { right: 12, asked: 12 },
      size: { right: 17, asked: 18 },
      category: { right: 6, asked: 13 },
      association: { right: expect.any(Number), asked: 19 },
      caption: { right: 0, asked: 9 },
      'yes/no': { right: 7, asked: 11 },
    });
  });

  it('asks multiple-choice and open questions', () => {
    const { sets } = JSON.parse(evaluated.stdout);
    expect(sets.aokvqa_v1p0_val.kinds).toEqual({ 'multiple-choice': { right: 1, asked: 2 } });
    expect(sets.testdev_balanced_questions.kinds).toEqual({ open: { right: 1, asked: 1 } });
  });

  it('counts failed descriptions and invented objects', () => {
    const { sets, descriptions } = JSON.parse(evaluated.stdout);
    expect(sets['unseen-drawings'].descriptions).toMatchObject({
      asked: 46,
      faults: { empty: 0, repetition: 0, 'cut-off': 0 },
      objects: { mentioned: 19, invented: 9 }, // of the 46 drawings' own names
    });
    expect(descriptions.asked).toBe(48);
  });

  it('writes a page that holds everything it shows', async () => {
    const page = await readFile(join(folder, 'page.html'), 'utf8');
    expect(page.match(/<article>/g)).toHaveLength(48);
    expect(page.match(/src="(?!data:image\/jpeg;base64,)/g)).toBeNull();
    expect(page).toContain('expected: It is a');
  });

  it('prints a table', async () => {
    const { stdout } = await runCommand(
      ...['evaluate', '--model', 'models/nano', '--data', join(validation, 'scenes'), '--limit', '2'],
      '--questions-only',
    );
    expect(stdout).toMatch(/^ +scenes\nnaming +1 of 1 100\.0 %\nbackground +/);
    expect(stdout).not.toMatch(/descriptions/);
  });

  it('says that there is nothing to ask', async () => {
    const { exitCode, stderr } = await runCommand('evaluate', '--model', 'models/nano', '--data', 'docs');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^There is nothing to ask in docs/)]);
  });
});
