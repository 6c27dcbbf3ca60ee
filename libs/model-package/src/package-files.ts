import { type ArchitectureConfig, type PackageFile, readsQuestions } from '#libs/minigpt4';

export const MANIFEST_FILE = 'model.json';
export const TOKENIZER_FILE = 'tokenizer.json';
/** BERT's `vocab.txt`, by which a Q-Former reads questions; in packages of such models only. */
export const QUESTION_VOCABULARY_FILE = 'question-vocabulary.txt';

export const weightFiles: readonly PackageFile[] = [
  'vision.safetensors',
  'projection.safetensors',
  'decoder.safetensors',
];

export const vocabularyFiles = (architecture: ArchitectureConfig): readonly string[] =>
  readsQuestions(architecture) ? [TOKENIZER_FILE, QUESTION_VOCABULARY_FILE] : [TOKENIZER_FILE];

/** Every file of a package but its manifest. */
export const packageFiles = (architecture: ArchitectureConfig): readonly string[] => [
  ...vocabularyFiles(architecture),
  ...weightFiles,
];
