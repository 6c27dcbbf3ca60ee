/** A file of a repository on the hub. */
export interface PublishedFile {
  readonly repository: string;
  readonly file: string;
  /** As the hub showed it when this table was written; absent where that is not known. */
  readonly sha256?: string;
}

interface DescribedModel {
  readonly name: string;
  readonly title: string;
  /** What a user agrees to by using the weights. */
  readonly licence: string;
}

/** A MiniGPT-4 or MiniGPT-v2, whose parts are published in several repositories. */
export interface ModelInParts extends DescribedModel {
  readonly kind: 'parts';
  /** The repository with the ViT, and the Q-Former where the model has one, in Hugging Face's BLIP-2 layout. */
  readonly vision: string;
  readonly hasQFormer: boolean;
  readonly projection: PublishedFile;
  /** The repository with the language model. */
  readonly llm: string;
}

/** A model that is published as a whole, with its configuration and tokenizer. */
export interface WholeModel extends DescribedModel {
  readonly kind: 'whole';
  readonly repository: string;
  /** The files that its weights are nothing without, beside `config.json`. */
  readonly vocabulary: readonly string[];
}

/** A model on the Hugging Face hub. */
export type PublishedModel = ModelInParts | WholeModel;

const llavaLicence =
  'LLaVA-1.5 is made from Llama 2 and is under the Llama 2 Community License of Meta; its vision encoder, CLIP, is under the MIT licence. It was trained on answers of GPT-4, whose terms of use apply to them.';

const SENTENCE_PIECE = ['tokenizer.model'];
const BYTE_LEVEL_BPE = ['vocab.json', 'merges.txt'];
/** BERT's vocabulary is that of the questions. */
const WITH_QUESTIONS = [...SENTENCE_PIECE, 'qformer_tokenizer/vocab.txt'];

const optLicence =
  'OPT is under the OPT-175B License of Meta and may be used for research only, not commercially. BLIP-2 is under the MIT licence.';

const instructBlipLicence =
  'Vicuna v1.1 is made from LLaMA and may be used for research only, not commercially (the LLaMA licence of Meta); InstructBLIP adds that its weights are for research. Its code, LAVIS, is under BSD-3.';

const llama2Licence =
  'Llama 2 is under the Llama 2 Community License of Meta, which has to be accepted on its page on the hub. BLIP-2 is under the MIT licence, MiniGPT-4 and MiniGPT-v2 under BSD-3.';

const BLIP_2 = 'Salesforce/blip2-flan-t5-xxl';

const vicunaLicence =
  'Vicuna v0 is made from LLaMA and may be used for research only, not commercially (the LLaMA licence of Meta). BLIP-2 is under the MIT licence, MiniGPT-4 under BSD-3.';

export const publishedModels: readonly PublishedModel[] = [
  {
    kind: 'parts',
    name: 'minigpt4-vicuna-7b',
    title: 'MiniGPT-4 with Vicuna v0 7B',
    vision: BLIP_2,
    hasQFormer: true,
    projection: {
      repository: 'spaces/Vision-CAIR/minigpt4',
      file: 'prerained_minigpt4_7b.pth',
      sha256: '017a9ed588a11ed383711003cf50cf675191420a04689f682fb56fa9bbb8dcbb',
    },
    llm: 'Vision-CAIR/vicuna-7b',
    licence: vicunaLicence,
  },
  {
    kind: 'parts',
    name: 'minigpt4-vicuna-13b',
    title: 'MiniGPT-4 with Vicuna v0 13B',
    vision: BLIP_2,
    hasQFormer: true,
    projection: {
      repository: 'Vision-CAIR/MiniGPT-4',
      file: 'pretrained_minigpt4.pth',
      sha256: '1e7b8a3c21f146654c21a1a29a577dab2c3bd1aa3b1bc902f39e86954357a811',
    },
    llm: 'Vision-CAIR/vicuna',
    licence: vicunaLicence,
  },
  {
    kind: 'parts',
    name: 'minigpt4-llama2-7b',
    title: 'MiniGPT-4 with Llama-2 7B Chat',
    vision: BLIP_2,
    hasQFormer: false,
    projection: {
      repository: 'Vision-CAIR/MiniGPT-4',
      file: 'pretrained_minigpt4_llama2_7b.pth',
      sha256: 'e2904bdc6ff4c95e5903d3c08cc0ad5b3f860be9cdbbd6fd05d99cd35b375096',
    },
    llm: 'meta-llama/Llama-2-7b-chat-hf',
    licence: llama2Licence,
  },
  {
    kind: 'parts',
    name: 'minigpt-v2',
    title: 'MiniGPT-v2',
    vision: BLIP_2,
    hasQFormer: false,
    // The addresses in its README are dead (MiniGPT-4, issue 543).
    projection: { repository: 'spaces/Vision-CAIR/MiniGPT-v2', file: 'minigptv2_checkpoint.pth' },
    llm: 'meta-llama/Llama-2-7b-chat-hf',
    licence: llama2Licence,
  },
  {
    kind: 'whole',
    name: 'llava-1.5-7b',
    title: 'LLaVA-1.5 7B',
    repository: 'llava-hf/llava-1.5-7b-hf',
    vocabulary: SENTENCE_PIECE,
    licence: llavaLicence,
  },
  {
    kind: 'whole',
    name: 'llava-1.5-13b',
    title: 'LLaVA-1.5 13B',
    repository: 'llava-hf/llava-1.5-13b-hf',
    vocabulary: SENTENCE_PIECE,
    licence: llavaLicence,
  },
  {
    kind: 'whole',
    name: 'blip2-opt-2.7b',
    title: 'BLIP-2 with OPT 2.7B',
    repository: 'Salesforce/blip2-opt-2.7b',
    vocabulary: BYTE_LEVEL_BPE,
    licence: optLicence,
  },
  {
    kind: 'whole',
    name: 'blip2-opt-6.7b',
    title: 'BLIP-2 with OPT 6.7B',
    repository: 'Salesforce/blip2-opt-6.7b',
    vocabulary: BYTE_LEVEL_BPE,
    licence: optLicence,
  },
  {
    kind: 'whole',
    name: 'instructblip-vicuna-7b',
    title: 'InstructBLIP with Vicuna 7B',
    repository: 'Salesforce/instructblip-vicuna-7b',
    vocabulary: WITH_QUESTIONS,
    licence: instructBlipLicence,
  },
  {
    kind: 'whole',
    name: 'instructblip-vicuna-13b',
    title: 'InstructBLIP with Vicuna 13B',
    repository: 'Salesforce/instructblip-vicuna-13b',
    vocabulary: WITH_QUESTIONS,
    licence: instructBlipLicence,
  },
];
