import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { float32Tensor, type Tensor as StoredTensor } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import { encoderGraph } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';
import { WordPieceTokenizer } from '#libs/tokenizer';

/**
 * Runs the vision networks once and keeps what they show on the way: `pixel_values`, `qformer` (the visual
 * tokens before the projection) and `projected`.
 *
 * @param pixels float32 `[3, side, side]`
 * @param question that the picture is looked at with, by models that do so
 */
export async function encodeImage(
  modelPackage: ModelPackage,
  pixels: Float32Array,
  question: string | undefined,
): Promise<StoredTensor[]> {
  const { folder, manifest, weights } = modelPackage;
  const { architecture } = manifest;
  const questionIds = await tokenizeQuestion(modelPackage, question);
  const side = architecture.vision.imageSize;
  const graph = encoderGraph(architecture, weights, { stages: ['qformer'] });
  const session = await InferenceSession.create(graph, {
    extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
  });
  const shape = [1, 3, side, side];
  const outputs = await session.run({
    pixel_values: new Tensor('float32', pixels, shape),
    ...(questionIds && {
      question_ids: new Tensor('int64', BigInt64Array.from(questionIds, BigInt), [1, questionIds.length]),
    }),
  });
  await session.release();
  return [
    float32Tensor('pixel_values', shape, pixels),
    ...['qformer', 'projected'].flatMap((name) => {
      const output = outputs[name];
      return output?.data instanceof Float32Array ? [float32Tensor(name, output.dims, output.data)] : [];
    }),
  ];
}

/** @throws CodedError `argument` when there is a question for a model that reads none, or none for one that does */
async function tokenizeQuestion(
  { manifest, questionVocabularyPath }: ModelPackage,
  question: string | undefined,
): Promise<readonly number[] | undefined> {
  if (questionVocabularyPath === undefined) {
    if (question === undefined) return undefined;
    throw new CodedError(
      'argument',

      'This model sees a picture the same whatever is asked about it: leave --question out.',
    );
  }
  if (question === undefined) {
    throw new CodedError(
      'argument',

      'This model looks at a picture with a question in mind: add --question "What is this?", or an empty one.',
    );
  }
  const tokenizer = WordPieceTokenizer.fromVocabulary(await readFile(questionVocabularyPath, 'utf8'));
  return tokenizer.encode(question, manifest.architecture.qFormer?.text?.maxTokens);
}
