import { z } from 'zod';

import { float32Tensor, type Tensor } from '#libs/checkpoint';
import { convertLayouts, requireSameAnswer } from './convert-layouts.js';
import { type ReferenceNumbers, readExpectation, readReferenceImage } from './reference-folder.js';
import type { EncodedPicture, PromptPart, ReferenceModel } from './reference-model.js';

/** The published layouts; where there are several, the first is the one that texts are answered by. */
const layouts = { lavis: ['lavis'], 'hf-old': ['hf-old'], hf: ['hf'] } as const;
type Layout = keyof typeof layouts;

const expectation = z.object({
  llm: z.object({
    eos_token_id: z.int(),
    pad_token_id: z.int(),
    /** Rows of the embedding table with the one for padding, before it was rounded up. */
    vocab_rows_hf_old: z.int().positive(),
  }),
  max_new_tokens: z.int().positive().default(24),
  cases: z.array(z.object({ image: z.string(), prompt: z.string() })),
  batch: z.object({ images: z.array(z.string()), prompts: z.array(z.string()) }).optional(),
});

/** A question about a picture, as one layout puts it. */
interface Asked {
  readonly layout: Layout;
  readonly model: ReferenceModel;
  readonly questionIds: readonly number[];
  readonly tokenIds: readonly number[];
  readonly picture: EncodedPicture;
}

/**
 * InstructBLIP with Vicuna, as it lies in `folder`. What LAVIS computes is written by its names, and what transformers
 * computes besides, by those with `hf_`, from a folder of that layout.
 * @throws CodedError `reference-folder` when there is no layout, or two of them answer differently
 */
export async function instructBlipNumbers(folder: string, workFolder: string): Promise<ReferenceNumbers> {
  const expected = await readExpectation(folder, expectation);
  const { eos_token_id: endOfSequence, vocab_rows_hf_old: rows } = expected.llm;
  const models = await convertLayouts(folder, workFolder, layouts);
  const ask = async (image: string, prompt: string): Promise<Asked[]> => {
    const bytes = await readReferenceImage(folder, image);
    const asked: Asked[] = [];
    for (const [layout, model] of models) {
      const questionIds = model.tokenizeQuestion(prompt);
      const tokenIds = model.tokenizer.encode(prompt, { beginOfSequence: true });
      asked.push({ layout, model, questionIds, tokenIds, picture: await model.encode(bytes, questionIds) });
    }
    return asked;
  };
  try {
    const tensors = new Map<string, Tensor>();
    const add = (name: string, tensor: Tensor) => tensors.set(name, { ...tensor, name });
    const results = [];
    for (const [index, { image, prompt }] of expected.cases.entries()) {
      const asked = await ask(image, prompt);
      const [{ picture, questionIds, tokenIds, model }] = asked as [Asked];
      for (const [name, tensor] of seenOf(asked)) add(`${image}.${name}`, tensor);
      const answers = [];
      for (const each of asked) {
        const maxNewTokens = expected.max_new_tokens;
        const answer = await each.model.continue(promptOf(each), { endOfSequence, maxNewTokens });
        answers.push({ ...answer, layout: each.layout });
      }
      const answer = requireSameAnswer(folder, index, answers);
      const { firstLogits } = answers.find((each) => each.firstLogits.shape[0]! >= rows) ?? answer;
      add(`case${index}.qformer`, picture.qformer!);
      add(`case${index}.projected`, picture.projected);
      add(`case${index}.inputs_embeds`, answer.inputsEmbeds);
      add(`case${index}.first_logits`, firstRows(firstLogits, rows));
      results.push({
        image,
        prompt,
        qformer_token_ids: questionIds,
        llm_token_ids: tokenIds,
        prompt_length: answer.inputsEmbeds.shape[1],
        greedy_token_ids: answer.greedyTokenIds,
        greedy_text: model.tokenizer.decode(answer.greedyTokenIds).trim(),
      });
    }
    const { images = [], prompts = [] } = expected.batch ?? {};
    const batch: Asked[][] = [];
    for (const [index, image] of images.entries()) batch.push(await ask(image, prompts[index] ?? ''));
    const padded = await paddedBatch(batch, expected.llm.pad_token_id);
    if (padded) add('batch.inputs_embeds', padded);
    return { tensors: [...tensors.values()], description: { cases: results } };
  } finally {
    for (const model of models.values()) await model.close();
  }
}

const promptOf = ({ picture, tokenIds }: Asked): PromptPart[] => [
  { kind: 'picture', projected: picture.projected },
  { kind: 'text', tokenIds },
];

/** What does not depend on the question. */
function seenOf(asked: readonly Asked[]): readonly (readonly [name: string, tensor: Tensor])[] {
  const [{ picture }] = asked as [Asked];
  const huggingFace = asked.find(({ layout }) => layout !== 'lavis');
  const { pixel_values, vit, ln_vision } = picture;
  const named = { pixel_values, vit, ln_vision, hf_post_layernorm: huggingFace?.picture.ln_vision };
  return Object.entries(named).flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
}

/** Several prompts side by side, filled up between picture and text; by a layout that has a row for padding. */
async function paddedBatch(batch: readonly Asked[][], padding: number): Promise<Tensor | undefined> {
  const rows = batch.flatMap(
    (asked) =>
      asked.find(({ model }) => model.modelPackage.manifest.architecture.decoder.vocabulary > padding) ?? [],
  );
  if (rows.length === 0) return undefined;
  const longest = Math.max(...rows.map(({ tokenIds }) => tokenIds.length));
  const embedded: Float32Array[] = [];
  for (const { model, picture, tokenIds } of rows) {
    const padded = [...Array<number>(longest - tokenIds.length).fill(padding), ...tokenIds];
    embedded.push(
      await model.embedPrompt([
        { kind: 'picture', projected: picture.projected },
        { kind: 'text', tokenIds: padded },
      ]),
    );
  }
  const { hidden } = rows[0]!.model.modelPackage.manifest.architecture.decoder;
  const values = Float32Array.from(embedded.flatMap((row) => [...row]));
  return float32Tensor('batch', [rows.length, embedded[0]!.length / hidden, hidden], values);
}

/** Without the rows that round a table up. */
function firstRows(logits: Tensor, rows: number): Tensor {
  const kept = Math.min(rows, logits.shape[0]!);
  const bytesPerRow = logits.bytes.byteLength / logits.shape[0]!;
  return { ...logits, shape: [kept], bytes: logits.bytes.subarray(0, kept * bytesPerRow) };
}
