/** What a question may be about. Scores are kept per kind. */
export const questionKinds = [
  'naming',
  'counting',
  'position',
  'background',
  'size',
  'category',
  'association',
  'caption',
  'yes/no',
  'multiple-choice',
  'open',
  'other',
] as const;
export type QuestionKind = (typeof questionKinds)[number];

export type ExpectedAnswer =
  /** These words, to the letter. */
  | { readonly kind: 'sentence'; readonly sentence: string }
  /** One of the choices, and no other before it. */
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly right: string }
  /** A reply that says these words, in whatever sentence. */
  | { readonly kind: 'words'; readonly words: string };

export interface Question {
  readonly kind: QuestionKind;
  readonly text: string;
  readonly expected: ExpectedAnswer;
}

export interface Picture {
  readonly path: string;
  /** Every object that is in the picture, where that is known, such as "a bat". */
  readonly objects?: readonly string[];
  readonly questions: readonly Question[];
}

/** Pictures that belong together, with what is asked about them. */
export interface PictureSet {
  readonly name: string;
  readonly pictures: readonly Picture[];
}
