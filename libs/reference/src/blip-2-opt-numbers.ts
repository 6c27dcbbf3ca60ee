import { z } from 'zod';
import type { Tensor } from '#libs/checkpoint';
import { convertLayouts, requireSameAnswer } from './convert-layouts.js';
import type { ReferenceNumbers } from './reference-folder.js';
import { readExpectation, readReferenceImage } from './reference-folder.js';
import type { EncodedPicture } from './reference-model.js';

/** The published layouts, each a folder; where there are several, the first is the one that texts are answered by. */
const layouts = { lavis: ['lavis'], 'hf-old': ['hf-old'], hf: ['hf'] } as const;
type Layout = keyof typeof layouts;

const expectation = z.object({
  eos_token_id: z.int(),
  max_new_tokens: z.int().positive(),
  /** Rows of the embedding table before one was added for pictures. */
  opt: z.object({ vocab_rows_old: z.int().positive() }),
  cases: z.array(z.object({ image: z.string(), prompt: z.string() })),
});

/**
 * BLIP-2 with OPT, as it lies in `folder`. What the original computes is written by LAVIS' names, and what
 * transformers computes besides, by those with `hf_`, from a folder of that layout.
 * @throws CodedError `reference-folder` when there is no layout, or two of them answer differently
 */
export async function blip2OptNumbers(folder: string, workFolder: string): Promise<ReferenceNumbers> {
  const { cases, eos_token_id, max_new_tokens, opt } = await readExpectation(folder, expectation);
  const models = await convertLayouts(folder, workFolder, layouts);
  try {
    const pictures = new Map<string, Map<Layout, EncodedPicture>>();
    for (const image of new Set(cases.map((each) => each.image))) {
      const bytes = await readReferenceImage(folder, image);
      const byLayout = new Map<Layout, EncodedPicture>();
      for (const [layout, model] of models) byLayout.set(layout, await model.encode(bytes));
      pictures.set(image, byLayout);
    }

    const tensors = [...pictures].flatMap(([image, byLayout]) => pictureTensors(image, byLayout));
    const results = [];
    for (const [index, { image, prompt }] of cases.entries()) {
      const answers = [];
      for (const [layout, model] of models) {
        const { tokenizer } = model;
        const tokenIds = tokenizer.encode(prompt, { beginOfSequence: true });
        const { projected } = pictures.get(image)!.get(layout)!;
        const answer = await model.continue(
          [
            { kind: 'picture', projected },
            { kind: 'text', tokenIds },
          ],
          { endOfSequence: eos_token_id, maxNewTokens: max_new_tokens },
        );
        answers.push({ layout, tokenIds, text: tokenizer.decode(answer.greedyTokenIds).trim(), ...answer });
      }
      const answer = requireSameAnswer(folder, index, answers);
      tensors.push(
        { ...answer.inputsEmbeds, name: `case${index}.inputs_embeds` },
        { ...firstRows(answer.firstLogits, opt.vocab_rows_old), name: `case${index}.first_logits` },
      );
      results.push({
        image,
        prompt,
        token_ids: answer.tokenIds,
        prompt_length: answer.inputsEmbeds.shape[1],
        greedy_token_ids: answer.greedyTokenIds,
        greedy_text: answer.text,
      });
    }
    return { tensors, description: { cases: results } };
  } finally {
    for (const model of models.values()) await model.close();
  }
}

function pictureTensors(image: string, byLayout: ReadonlyMap<Layout, EncodedPicture>): Tensor[] {
  const [picture] = [...byLayout.values()] as [EncodedPicture];
  const huggingFace = byLayout.get('hf-old') ?? byLayout.get('hf');
  const named = {
    pixel_values: picture.pixel_values,
    vit: picture.vit,
    ln_vision: picture.ln_vision,
    qformer: picture.qformer,
    projected: picture.projected,
    hf_post_layernorm: huggingFace?.ln_vision,
    hf_projected: huggingFace?.projected,
  };
  return Object.entries(named).flatMap(([name, tensor]) =>
    tensor ? [{ ...tensor, name: `${image}.${name}` }] : [],
  );
}

/** Without the rows that were added for pictures, which no text is made of. */
function firstRows(logits: Tensor, rows: number): Tensor {
  const bytesPerRow = logits.bytes.byteLength / logits.shape[0]!;
  return { ...logits, shape: [rows], bytes: logits.bytes.subarray(0, rows * bytesPerRow) };
}
