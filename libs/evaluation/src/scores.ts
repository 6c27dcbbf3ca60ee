import { type DescriptionFault, descriptionFaults } from './description-fault.js';
import type { Description, EvaluatedPicture } from './evaluate.js';
import { type QuestionKind, questionKinds } from './picture-set.js';

export interface Score {
  readonly right: number;
  readonly asked: number;
}

export interface DescriptionScores {
  readonly asked: number;
  readonly faults: Readonly<Record<DescriptionFault, number>>;
  /** Mean length. */
  readonly words: number;
  readonly objects: ObjectScores;
}

/** Of the pictures of which it is known what they show (CHAIR: Rohrbach et al., 2018). */
export interface ObjectScores {
  /** Known objects named in descriptions, and those of them that are not there: CHAIRi is their ratio. */
  readonly mentioned: number;
  readonly invented: number;
  /** Descriptions looked through, and those with an invented object: CHAIRs is their ratio. */
  readonly descriptions: number;
  readonly withInvention: number;
}

export interface Scores {
  /** Only kinds that were asked. */
  readonly kinds: Readonly<Partial<Record<QuestionKind, Score>>>;
  /** Absent where nothing was described. */
  readonly descriptions?: DescriptionScores;
}

export function scoresOf(pictures: readonly EvaluatedPicture[]): Scores {
  const answers = pictures.flatMap((picture) => picture.answers);
  const kinds = questionKinds.flatMap((kind) => {
    const ofKind = answers.filter(({ question }) => question.kind === kind);
    const score = { right: ofKind.filter(({ right }) => right).length, asked: ofKind.length };
    return score.asked > 0 ? [[kind, score] as const] : [];
  });
  const descriptions = pictures.flatMap(({ description }) => description ?? []);
  return {
    kinds: Object.fromEntries(kinds),
    descriptions: descriptions.length > 0 ? descriptionScores(descriptions) : undefined,
  };
}

function descriptionScores(descriptions: readonly Description[]): DescriptionScores {
  const total = (count: (description: Description) => number) =>
    descriptions.reduce((sum, description) => sum + count(description), 0);
  const withFault = (fault: DescriptionFault) =>
    total((description) => (description.fault === fault ? 1 : 0));
  return {
    asked: descriptions.length,
    faults: {
      empty: withFault('empty'),
      repetition: withFault('repetition'),
      'cut-off': withFault('cut-off'),
    },
    words: total(({ text }) => text.match(/\S+/g)?.length ?? 0) / descriptions.length,
    objects: objectScores(descriptions.flatMap(({ objects }) => objects ?? [])),
  };
}

function objectScores(found: readonly NonNullable<Description['objects']>[]): ObjectScores {
  const total = (count: (objects: (typeof found)[number]) => number) =>
    found.reduce((sum, objects) => sum + count(objects), 0);
  return {
    mentioned: total(({ mentioned }) => mentioned.length),
    invented: total(({ invented }) => invented.length),
    descriptions: found.length,
    withInvention: total(({ invented }) => (invented.length > 0 ? 1 : 0)),
  };
}

/** All failed descriptions: the paper's failure rate is their share. */
export function failures({ faults }: DescriptionScores): number {
  return descriptionFaults.reduce((sum, fault) => sum + faults[fault], 0);
}
