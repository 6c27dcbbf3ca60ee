import type {
  ArchitectureConfig,
  CheckpointRole,
  PublishedCheckpoints,
  PublishedLayout,
} from '#libs/minigpt4';

import type { ArchitectureHints } from './architecture-hints.js';

/** The chat templates, as `libs/conversation` writes them. */
export const templateNames = [
  'vicuna-v0',
  'llama-2-chat',
  'vicuna-v1',
  'minigpt-v2',
  'question-answer',
  'instruction',
] as const;
export type TemplateName = (typeof templateNames)[number];

/** A part of a family's published files. */
export interface PublishedPart {
  /** As a sentence calls it, with the name it is published under. */
  readonly title: string;
  /** The published names of its tensors; the first group is what this project calls them. */
  readonly names: readonly RegExp[];
  /** Whether there are models of the family without it. */
  readonly optional?: boolean;
}

/** What the published files of a model say, and what its family adds to it. */
export interface PublishedModel {
  /** As the files hold it. */
  readonly architecture: ArchitectureConfig;
  readonly layout: PublishedLayout;
  /** Side of the pictures, where the family runs its ViT at another size than that it was published for. */
  readonly imageSize?: number;
  readonly template: TemplateName;
  readonly generation: GenerationDefaults;
  /** Whether a text after an end-of-sequence token begins with a space, as every other text does. */
  readonly spaceAfterEnd: boolean;
  /** Whether the begin-of-sequence token follows the images that open a prompt, instead of opening it. */
  readonly beginsAfterImages?: boolean;
  /** Whether a sequence begins with the token that ends one. */
  readonly beginsWithEnd?: boolean;
  /** SentencePiece's when left out. */
  readonly vocabulary?: ByteLevelVocabulary;
  /** What had to be assumed, in sentences for whoever converts. */
  readonly notices: readonly string[];
}

/** `vocab.json` and `merges.txt` of a byte-level BPE. */
export interface ByteLevelVocabulary {
  readonly kind: 'byte-level-bpe';
  /** Begins a sequence. */
  readonly sequenceToken: string;
  /** The character that ends a reply. */
  readonly endOfReply: string;
}

/** What requests that leave these out get; as in `model.json`. */
export interface GenerationDefaults {
  readonly temperature: number;
  readonly topP: number;
  /** 0 switches the limit off. */
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly maxNewTokens: number;
}

/**
 * A kind of model: what it is published as, and how that becomes a model package. Its networks are those of
 * `libs/minigpt4`, put together by the architecture it reads.
 */
export interface Family {
  /** As `model.json` names it. */
  readonly name: string;
  /** As people name it. */
  readonly title: string;
  /** Names of tensors that its files, taken together, hold: one for each pattern. */
  readonly signature: readonly RegExp[];
  readonly parts: Readonly<Partial<Record<CheckpointRole, PublishedPart>>>;
  /** Where a Q-Former reads questions: BERT's `vocab.txt`, as a sentence calls it. */
  readonly questionVocabulary?: string;
  /** @throws CodedError `checkpoint-mismatch` when a file is not what it should be, or two do not fit together. */
  read(checkpoints: PublishedCheckpoints, hints: ArchitectureHints): PublishedModel;
  /**
   * Language models of one size have the same shapes, so a wrong one converts without complaint and gives garbled text.
   * @throws CodedError `checkpoint-mismatch` for one that the published projections were not trained with.
   */
  refuseWrongLanguageModel?(model: PublishedModel, checkpoints: PublishedCheckpoints): void;
}
