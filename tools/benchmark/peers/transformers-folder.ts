import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { requireLlama } from '#libs/minigpt4';
import { letterTokenizerJson, openModelPackage } from '#libs/model-package';

import { transformersGraph } from './transformers-graph.js';

const WEIGHTS = 'model_q4.onnx_data';

/**
 * Lays out a package's decoder as a model folder of transformers.js, beside the package: the weights are the package's
 * own file under a second name.
 */
export async function writeTransformersFolder(path: string, packageFolder: string): Promise<void> {
  const { manifest, weights } = await openModelPackage(packageFolder);
  const decoder = requireLlama(manifest.architecture.decoder);
  const partial = `${path}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'onnx'), { recursive: true });
  await link(join(packageFolder, 'decoder.safetensors'), join(partial, 'onnx', WEIGHTS));
  const graph = transformersGraph(
    decoder,
    {
      has: (name) => weights.has(name),
      get: (name) => ({ ...weights.get(name), file: WEIGHTS }),
    },
    manifest.quantization.decoder,
  );
  await writeFile(join(partial, 'onnx', 'model_q4.onnx'), graph);

  const json = (name: string, content: unknown) => writeFile(join(partial, name), JSON.stringify(content));
  await json('tokenizer.json', letterTokenizerJson(decoder.vocabulary));
  await json('tokenizer_config.json', {
    tokenizer_class: 'LlamaTokenizer',
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
  });
  const ends = { bos_token_id: 1, eos_token_id: 2 };
  await json('generation_config.json', ends);
  await json('config.json', {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: decoder.hidden,
    intermediate_size: decoder.intermediate,
    num_hidden_layers: decoder.layers,
    num_attention_heads: decoder.heads,
    num_key_value_heads: decoder.keyValueHeads,
    head_dim: decoder.hidden / decoder.heads,
    max_position_embeddings: decoder.contextLength,
    rms_norm_eps: decoder.rmsNormEpsilon,
    rope_theta: decoder.ropeBase,
    vocab_size: decoder.vocabulary,
    ...ends,
    'transformers.js_config': { use_external_data_format: true },
  });
  await rename(partial, path);
}
