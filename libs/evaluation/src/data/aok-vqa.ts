import { basename, dirname } from 'node:path';

import { z } from 'zod';

import { askedWithChoices } from '#libs/vision-model';

import type { PictureSet, Question } from '../picture-set.js';
import { byImage } from './by-image.js';
import { findPicture } from './find-picture.js';
import { readJson } from './read-json.js';

const aokVqa = z.array(
  z
    .object({
      split: z.string(),
      image_id: z.int().nonnegative(),
      question: z.string(),
      choices: z.array(z.string()).min(2),
      correct_choice_idx: z.int().nonnegative(),
    })
    .refine(({ choices, correct_choice_idx }) => correct_choice_idx < choices.length, {
      error: 'must be the place of one of the choices',
      path: ['correct_choice_idx'],
    }),
);

/** COCO, whose pictures these are, names them by twelve digits. */
const COCO_DIGITS = 12;

/** Reads AOK-VQA's multiple-choice questions (github.com/allenai/aokvqa, `aokvqa_v1p0_val.json`) beside COCO's pictures. */
export async function readAokVqa(path: string): Promise<PictureSet> {
  const folder = dirname(path);
  const entries = await readJson(path, aokVqa, 'a file of AOK-VQA questions with their right choices');
  const perImage = byImage(entries, ({ image_id }) => String(image_id).padStart(COCO_DIGITS, '0'));
  return {
    name: basename(path, '.json'),
    pictures: await Promise.all(
      perImage.map(async ([image, questions]) => ({
        path: await findPicture(folder, [`${questions[0]!.split}2017`, 'images', '.'], `${image}.jpg`),
        questions: questions.map(multipleChoice),
      })),
    ),
  };
}

function multipleChoice({ question, choices, correct_choice_idx }: z.infer<typeof aokVqa>[number]): Question {
  return {
    kind: 'multiple-choice',
    text: askedWithChoices(question, choices),
    expected: { kind: 'choice', choices, right: choices[correct_choice_idx]! },
  };
}
