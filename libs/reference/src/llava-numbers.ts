import { z } from 'zod';
import type { Tensor } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { Tokenizer } from '#libs/tokenizer';
import { convertLayouts } from './convert-layouts.js';
import type { ReferenceNumbers } from './reference-folder.js';
import { readExpectation, readReferenceImage } from './reference-folder.js';
import type { EncodedPicture, PromptPart } from './reference-model.js';
import { tokenizeSpecialTokens } from './special-tokens.js';

/** The published layouts by the name that runs give them, and the folders of each. */
const layouts = { hf: ['hf'], original: ['original', 'clip'] } as const;
type Layout = keyof typeof layouts;

/** Which layout's way of making pictures square a run names. */
const layoutOfPreprocessing = { hf: 'hf', orig: 'original' } as const;

const run = z.object({
  layout: z.enum(['hf', 'original']),
  preprocessing: z.enum(['hf', 'orig']).nullable(),
  tokenizer_legacy: z.boolean(),
});
type Run = z.infer<typeof run>;

const expectation = z.object({
  eos_token_id: z.int(),
  max_new_tokens: z.int().positive(),
  cases: z.array(z.object({ images: z.array(z.string()), prompt: z.string(), runs: z.array(run) })),
});

/** What stands for a picture in token ids, as in the original's code. */
const IMAGE_TOKEN = -200;

/** LLaVA-1.5 in both published layouts, as it lies in `folder`. */
export async function llavaNumbers(folder: string, workFolder: string): Promise<ReferenceNumbers> {
  const {
    cases,
    eos_token_id: endOfSequence,
    max_new_tokens: maxNewTokens,
  } = await readExpectation(folder, expectation);
  const models = await convertLayouts(folder, workFolder, layouts);
  const modelOf = (layout: Layout) => {
    const model = models.get(layout);
    if (model) return model;
    throw new CodedError('reference-folder', `${folder} lacks the layout ${layouts[layout].join(' + ')}.`);
  };
  try {
    const tensors: Tensor[] = [];
    const encoded = new Map<string, EncodedPicture>();
    const encode = async (image: string, which: 'hf' | 'orig') => {
      const name = `${image}.${which}`;
      const known = encoded.get(name);
      if (known) return known;
      const model = modelOf(layoutOfPreprocessing[which]);
      const picture = await model.encode(await readReferenceImage(folder, image));
      encoded.set(name, picture);
      tensors.push(
        { ...picture.pixel_values, name: `${name}.pixel_values` },
        { ...picture.vit!, name: `${name}.vision` },
        { ...picture.projected, name: `${name}.projected` },
      );
      return picture;
    };

    const results = [];
    for (const [caseIndex, { images, prompt, runs }] of cases.entries()) {
      const runResults = [];
      for (const [runIndex, each] of runs.entries()) {
        const model = modelOf(each.layout);
        const chunks = tokenize(model.tokenizer, prompt, each);
        const pictures = await Promise.all(images.map((image) => encode(image, each.preprocessing ?? 'hf')));
        const { inputsEmbeds, firstLogits, greedyTokenIds } = await model.continue(
          interleave(chunks, pictures),
          { endOfSequence, maxNewTokens },
        );
        const name = `case${caseIndex}.run${runIndex}`;
        tensors.push(
          { ...inputsEmbeds, name: `${name}.inputs_embeds` },
          { ...firstLogits, name: `${name}.first_logits` },
        );
        runResults.push({
          ...each,
          token_ids: chunks.flatMap((chunk, index) => (index === 0 ? chunk : [IMAGE_TOKEN, ...chunk])),
          prompt_length: inputsEmbeds.shape[1],
          greedy_token_ids: greedyTokenIds,
        });
      }
      results.push({ images, prompt, runs: runResults });
    }
    return { tensors, description: { cases: results } };
  } finally {
    for (const model of models.values()) await model.close();
  }
}

/**
 * The ids before, between and after the pictures. The original gives each of these texts a space at its beginning
 * whatever the tokenizer does after special tokens; in Hugging Face's code pictures are such tokens themselves.
 */
function tokenize(
  tokenizer: Tokenizer,
  prompt: string,
  { layout, tokenizer_legacy: legacy }: Run,
): number[][] {
  return prompt.split('<image>').map((text, index) => {
    if (index === 0) return [tokenizer.beginOfSequence, ...tokenizeSpecialTokens(tokenizer, text, legacy)];
    if (layout === 'original' || legacy) return tokenizeSpecialTokens(tokenizer, text, legacy);
    return tokenizeSpecialTokens(tokenizer, `</s>${text}`, false).slice(1);
  });
}

function interleave(chunks: readonly number[][], pictures: readonly EncodedPicture[]): PromptPart[] {
  return chunks.flatMap((tokenIds, index): PromptPart[] => {
    const text: PromptPart = { kind: 'text', tokenIds };
    return index === 0 ? [text] : [{ kind: 'picture', projected: pictures[index - 1]!.projected }, text];
  });
}
