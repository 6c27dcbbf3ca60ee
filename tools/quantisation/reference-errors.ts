import { encoderGraph } from '#libs/minigpt4';
import { type ModelPackage, openModelPackage } from '#libs/model-package';
import { Tensor } from '#libs/onnx-runtime';

import { CachedDecoder } from '../../test/reference/cached-decoder.js';
import {
  ExpectedTensors,
  openSession,
  readExpectation,
  relativeDifference,
} from '../../test/reference/reference-folder.js';

/** Largest differences from what the original computes, as shares of the largest magnitude. */
export interface ReferenceErrors {
  /** After a prompt. */
  readonly logits: number;
  /** Of images, as the decoder sees them. */
  readonly images: number;
}

/** Compares a package made from the reference's checkpoints with the reference's numbers. */
export async function referenceErrors(folder: string): Promise<ReferenceErrors> {
  const model = await openModelPackage(folder);
  const expected = await ExpectedTensors.read();
  return { logits: await logitsError(model, expected), images: await imagesError(model, expected) };
}

async function logitsError(model: ModelPackage, expected: ExpectedTensors): Promise<number> {
  const { cases } = await readExpectation();
  const decoder = await CachedDecoder.open(model, 'float32');
  let error = 0;
  for (const index of cases.keys()) {
    const logits = await decoder.prefill(expected.get(`case${index}.inputs_embeds`).data);
    error = Math.max(error, relativeDifference(logits, expected.get(`case${index}.first_logits`).data));
  }
  await decoder.close();
  return error;
}

async function imagesError(model: ModelPackage, expected: ExpectedTensors): Promise<number> {
  const session = await openSession(encoderGraph(model.manifest.architecture, model.weights), model);
  let error = 0;
  for (const name of expected.names.filter((tensor) => tensor.endsWith('.pixel_values'))) {
    const { data, shape } = expected.get(name);
    const { projected } = await session.run({ pixel_values: new Tensor('float32', data, shape) });
    if (!(projected?.data instanceof Float32Array))
      throw new Error('The encoder gave no float32 projection.');
    const difference = relativeDifference(
      projected.data,
      expected.get(name.replace('pixel_values', 'projected')).data,
    );
    error = Math.max(error, difference);
  }
  await session.release();
  return error;
}
