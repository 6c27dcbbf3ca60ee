import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readPictureSets } from './read-picture-sets.js';

const scenes = new URL('../../../../test/fixtures/emoji-scenes/validation', import.meta.url).pathname;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluation-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('reading what is to be asked', () => {
  it('takes a set, a folder of sets, and links to sets', async () => {
    await symlink(join(scenes, 'scenes'), join(folder, 'linked'));
    const namesIn = async (path: string) => (await readPictureSets(path)).map(({ name }) => name);
    expect(await namesIn(join(scenes, 'scenes'))).toEqual(['scenes']);
    expect(await namesIn(scenes)).toEqual(['scenes', 'seen-drawings', 'unseen-drawings']);
    expect(await namesIn(folder)).toEqual(['linked']);
  });

  it('tells the kind of every question about a scene', async () => {
    const sets = await readPictureSets(scenes);
    const kinds = sets.flatMap(({ pictures }) => pictures.flatMap(({ questions }) => questions));
    expect(kinds.filter(({ kind }) => kind === 'other')).toEqual([]);
    expect(kinds.filter(({ kind }) => kind === 'position')).toHaveLength(47);
  });

  it('reads AOK-VQA with the pictures of COCO', async () => {
    await write('aokvqa_v1p0_val.json', [
      {
        split: 'val',
        image_id: 461751,
        question_id: '22jbM6gDxdaMaunuzgrsBB',
        question: "What is in the motorcyclist's mouth?",
        choices: ['toothpick', 'food', 'popsicle stick', 'cigarette'],
        correct_choice_idx: 3,
      },
    ]);
    await write('val2017/000000461751.jpg', '');
    expect(await readPictureSets(folder)).toEqual([
      {
        name: 'aokvqa_v1p0_val',
        pictures: [
          {
            path: join(folder, 'val2017/000000461751.jpg'),
            questions: [
              {
                kind: 'multiple-choice',
                text: "What is in the motorcyclist's mouth? Choose one of these answers: toothpick, food, popsicle stick, cigarette.",
                expected: {
                  kind: 'choice',
                  choices: ['toothpick', 'food', 'popsicle stick', 'cigarette'],
                  right: 'cigarette',
                },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('reads GQA, its questions gathered by picture', async () => {
    await write('testdev_balanced_questions.json', {
      201307251: { imageId: 'n161313', question: 'Is it overcast?', answer: 'no', fullAnswer: 'No.' },
      201640614: { imageId: 'n235859', question: 'Who wears a dress?', answer: 'women' },
      202225914: { imageId: 'n161313', question: 'What is on the desk?', answer: 'lamp' },
    });
    await write('images/n161313.jpg', '');
    await write('images/n235859.jpg', '');
    const [set] = await readPictureSets(folder);
    expect(
      set!.pictures.map(({ path, questions }) => [path, questions.map(({ expected }) => expected)]),
    ).toEqual([
      [
        join(folder, 'images/n161313.jpg'),
        [
          { kind: 'words', words: 'no' },
          { kind: 'words', words: 'lamp' },
        ],
      ],
      [join(folder, 'images/n235859.jpg'), [{ kind: 'words', words: 'women' }]],
    ]);
  });

  it.each<[string, string, unknown, RegExp]>([
    ['a folder with nothing to ask', 'readme.txt', 'hello', /There is nothing to ask in .+ index\.json/],
    ['a file cut off', 'index.json', '[{"image":', /index\.json cannot be used: it is not JSON/],
    [
      'another kind of file',
      'index.json',
      [{ file: 'a.png' }],
      /index\.json is not a list of scenes.+at \[0\]\.image/s,
    ],
    [
      'a picture that is missing',
      'index.json',
      [{ image: 'a.png', names: [], questions: [] }],
      /The picture a\.png is asked about, but is not in/,
    ],
    [
      'a right choice that is none of the choices',
      'aokvqa_v1p0_val.json',
      [{ split: 'val', image_id: 1, question: '?', choices: ['food', 'toothpick'], correct_choice_idx: 2 }],
      /must be the place of one of the choices\n.+at \[0\]\.correct_choice_idx/,
    ],
  ])('says what is wrong with %s', async (_, file, content, message) => {
    await write(file, content);
    await expect(readPictureSets(folder)).rejects.toThrow(message);
  });

  it('says that a folder does not exist', async () => {
    await expect(readPictureSets(join(folder, 'absent'))).rejects.toThrow(
      /cannot be read\. Is the path right/,
    );
  });
});
