import { type ChatTemplateName, chatTemplateFromWire, type GetModelResponse } from '#libs/protocol';

import type { SamplingOptions } from './prompt.js';

/** The model a server has loaded, and its limits. */
export interface ModelInfo {
  readonly name: string;
  /** What the model is good for and what it is not, in a sentence for its users. */
  readonly description: string;
  /** The chat template its prompts should follow. */
  readonly template: ChatTemplateName;
  /** The most tokens of prompt and reply together. */
  readonly contextLength: number;
  readonly tokensPerImage: number;
  /** The most images in one prompt. */
  readonly maxImages: number;
  /** The most images of one prompt that the model tells apart; at most `maxImages`. */
  readonly distinctImages: number;
  readonly maxImageBytes: number;
  /** Where it runs, such as `cpu` or `cuda`. */
  readonly device: string;
  /** How the decoder's weights are stored: `fp32`, `int8`, `int8-weights` or `int4`. */
  readonly quantization: string;
  readonly defaultSampling: SamplingOptions;
  readonly defaultMaxNewTokens: number;
  /** Whether the same prompt, settings and seed give the same reply, whatever else the server does. */
  readonly reproducible: boolean;
}

export function modelInfo({ template, defaultSampling, ...model }: GetModelResponse): ModelInfo {
  return {
    ...model,
    // Servers that do not say it do not know.
    distinctImages: Math.min(model.distinctImages || model.maxImages, model.maxImages),
    template: templateName(template),
    defaultSampling: defaultSampling ?? {},
  };
}

function templateName(template: GetModelResponse['template']): ChatTemplateName {
  const name = chatTemplateFromWire(template);
  if (name) return name;
  throw new Error(`The model server uses chat template ${template}, unknown to this client; update it.`);
}
