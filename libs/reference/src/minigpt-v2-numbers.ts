import { join } from 'node:path';

import { z } from 'zod';

import { float32Tensor, openCheckpoint, type Tensor, toFloat32 } from '#libs/checkpoint';
import type { ReferenceNumbers } from './reference-folder.js';
import { readExpectation, readReferenceImage } from './reference-folder.js';
import { type EncodedPicture, type PromptPart, ReferenceModel } from './reference-model.js';
import { tokenizeSpecialTokens } from './special-tokens.js';

const expectation = z.object({
  image_size: z.int().positive(),
  eos_token_id: z.int(),
  max_new_tokens: z.int().positive(),
  /** `image` is empty where there is none. */
  cases: z.array(z.object({ image: z.string(), prompt: z.string() })),
});

const VIT_FILE = 'eva_vit_g.pth';
const CHECKPOINT_FILE = 'minigptv2_checkpoint.pth';

/** MiniGPT-v2 as it is published. */
export async function miniGptV2Numbers(folder: string, workFolder: string): Promise<ReferenceNumbers> {
  const expected = await readExpectation(folder, expectation);
  const from = [VIT_FILE, CHECKPOINT_FILE, 'llm'].map((part) => join(folder, part));
  const model = await ReferenceModel.convert({ from }, join(workFolder, 'model'), expected.image_size);
  try {
    const tensors: Tensor[] = [
      await readFloats(join(folder, VIT_FILE), 'pos_embed', 'pos_embed_in_file'),
      await readFloats(
        join(model.modelPackage.folder, 'vision.safetensors'),
        'vit.position_embedding',
        'pos_embed_used',
      ),
    ];
    const encoded = new Map<string, EncodedPicture>();
    for (const image of new Set(expected.cases.flatMap((each) => each.image || []))) {
      const picture = await model.encode(await readReferenceImage(folder, image));
      encoded.set(image, picture);
      for (const tensor of Object.values(picture)) {
        tensors.push({ ...tensor, name: `${image}.${tensor.name}` });
      }
    }
    const results = [];
    for (const [index, { image, prompt }] of expected.cases.entries()) {
      const { tokenizer } = model;
      const segments = prompt.split('<ImageHere>').map((text, at) => {
        const ids = tokenizeSpecialTokens(tokenizer, text, true);
        return at === 0 ? [tokenizer.beginOfSequence, ...ids] : ids;
      });
      const parts = segments.flatMap((tokenIds, at): PromptPart[] => {
        const text: PromptPart = { kind: 'text', tokenIds };
        return at === 0 ? [text] : [{ kind: 'picture', projected: encoded.get(image)!.projected }, text];
      });
      const { inputsEmbeds, firstLogits, greedyTokenIds } = await model.continue(parts, {
        endOfSequence: expected.eos_token_id,
        maxNewTokens: expected.max_new_tokens,
      });
      tensors.push(
        { ...inputsEmbeds, name: `case${index}.inputs_embeds` },
        { ...firstLogits, name: `case${index}.first_logits` },
      );
      results.push({
        image,
        prompt,
        segment_token_ids: segments,
        prompt_length: inputsEmbeds.shape[1],
        greedy_token_ids: greedyTokenIds,
      });
    }
    return { tensors, description: { cases: results } };
  } finally {
    await model.close();
  }
}

async function readFloats(path: string, name: string, renamed: string): Promise<Tensor> {
  const file = await openCheckpoint(path);
  try {
    const tensor = await file.read(name);
    return float32Tensor(renamed, tensor.shape, toFloat32(tensor));
  } finally {
    await file.close();
  }
}
