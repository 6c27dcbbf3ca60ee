import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { float32Tensor, type Tensor as StoredTensor } from '#libs/checkpoint';
import {
  cacheShape,
  type DecoderConfig,
  decoderGraph,
  embeddingGraph,
  encoderGraph,
  preprocessImage,
} from '#libs/minigpt4';
import { convert, type FoundFiles, type ModelPackage, openModelPackage } from '#libs/model-package';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';
import { Tokenizer, WordPieceTokenizer } from '#libs/tokenizer';

const MAX_PIXELS = 100_000_000;

/** What the encoder gives of one picture, by stage; those that the model has. */
export interface EncodedPicture {
  readonly pixel_values: StoredTensor;
  readonly projected: StoredTensor;
  readonly vit?: StoredTensor;
  readonly ln_vision?: StoredTensor;
  readonly qformer?: StoredTensor;
}

/** A part of a prompt: token ids, or a picture's rows in the embedding space. */
export type PromptPart =
  | { readonly kind: 'text'; readonly tokenIds: readonly number[] }
  | { readonly kind: 'picture'; readonly projected: StoredTensor };

/** What follows a prompt. */
export interface Continuation {
  readonly inputsEmbeds: StoredTensor;
  readonly firstLogits: StoredTensor;
  /** Of the likeliest tokens, up to the end of sequence or the limit. */
  readonly greedyTokenIds: readonly number[];
}

/** A model in float32, converted from published files, whose networks run one by one. */
export class ReferenceModel {
  private constructor(
    readonly modelPackage: ModelPackage,
    readonly tokenizer: Tokenizer,
    private readonly questionTokenizer: WordPieceTokenizer | undefined,
    private readonly encoder: InferenceSession,
    private readonly embeddings: InferenceSession,
    private readonly decoder: InferenceSession,
  ) {}

  /**
   * @param out a new folder for the model package
   * @param imageSize side of the pictures, where it is another than the files say
   */
  static async convert(sources: FoundFiles, out: string, imageSize?: number): Promise<ReferenceModel> {
    await convert({ sources, out, imageSize, quantization: { kind: 'none' }, anyLanguageModel: true });
    const modelPackage = await openModelPackage(out);
    const { manifest, weights, tokenizerPath, questionVocabularyPath } = modelPackage;
    const open = (graph: Uint8Array) =>
      InferenceSession.create(graph, {
        extra: { session: { model_external_initializers_file_folder_path: resolve(out) } },
      });
    const decoder = decoderGraph(manifest.architecture.decoder, weights, {
      format: { kind: 'none' },
      keyValueType: 'float32',
      sequenceFirst: false,
      attentionKernel: 'matrix-products',
    });
    return new ReferenceModel(
      modelPackage,
      Tokenizer.fromJson(JSON.parse(await readFile(tokenizerPath, 'utf8')), {
        spaceAfterEnd: false,
        beginOfSequence: manifest.tokens.beginOfSequence,
      }),
      questionVocabularyPath === undefined
        ? undefined
        : WordPieceTokenizer.fromVocabulary(await readFile(questionVocabularyPath, 'utf8')),
      await open(encoderGraph(manifest.architecture, weights, { stages: ['vit', 'ln_vision', 'qformer'] })),
      await open(embeddingGraph(weights)),
      await open(decoder),
    );
  }

  /** The ids by which the Q-Former reads a question. */
  tokenizeQuestion(question: string): number[] {
    const { qFormer } = this.modelPackage.manifest.architecture;
    return this.questionTokenizer?.encode(question, qFormer?.text?.maxTokens) ?? [];
  }

  /** @param questionIds for a Q-Former that reads questions */
  async encode(image: Uint8Array, questionIds?: readonly number[]): Promise<EncodedPicture> {
    const { imageSize, resizing } = this.modelPackage.manifest.architecture.vision;
    const { pixelValues } = await preprocessImage(image, { imageSize, resizing, maxPixels: MAX_PIXELS });
    const shape = [1, 3, imageSize, imageSize];
    const results = await this.encoder.run({
      pixel_values: new Tensor('float32', pixelValues, shape),
      ...(questionIds && { question_ids: idTensor(questionIds) }),
    });
    const stages = Object.entries(results).map(
      ([name, { data, dims }]) => [name, float32Tensor(name, dims, data as Float32Array)] as const,
    );
    const { projected, ...others } = Object.fromEntries(stages);
    return {
      pixel_values: float32Tensor('pixel_values', shape, pixelValues),
      projected: projected!,
      ...others,
    };
  }

  async continue(
    parts: readonly PromptPart[],
    { endOfSequence, maxNewTokens }: { readonly endOfSequence: number; readonly maxNewTokens: number },
  ): Promise<Continuation> {
    const { hidden } = this.config;
    const prompt = await this.embedPrompt(parts);
    const tokens = prompt.length / hidden;
    const step = this.cachedDecoder(tokens + maxNewTokens);
    const firstLogits = await step(prompt);
    const greedyTokenIds = [likeliest(firstLogits)];
    while (greedyTokenIds.length < maxNewTokens && greedyTokenIds.at(-1) !== endOfSequence) {
      greedyTokenIds.push(likeliest(await step(await this.embed(greedyTokenIds.slice(-1)))));
    }
    return {
      inputsEmbeds: float32Tensor('inputs_embeds', [1, tokens, hidden], prompt),
      firstLogits: float32Tensor('first_logits', [firstLogits.length], firstLogits),
      greedyTokenIds,
    };
  }

  /** What the decoder is given for a prompt: `[tokens, hidden]`. */
  async embedPrompt(parts: readonly PromptPart[]): Promise<Float32Array> {
    const rows: Float32Array[] = [];
    for (const part of parts) {
      rows.push(part.kind === 'text' ? await this.embed(part.tokenIds) : floatsOf(part.projected));
    }
    return joined(rows);
  }

  async close(): Promise<void> {
    for (const session of [this.encoder, this.embeddings, this.decoder]) await session.release();
  }

  private get config(): DecoderConfig {
    return this.modelPackage.manifest.architecture.decoder;
  }

  private async embed(tokenIds: readonly number[]): Promise<Float32Array> {
    if (tokenIds.length === 0) return new Float32Array();
    const { embeddings } = await this.embeddings.run({ token_ids: idTensor(tokenIds) });
    return embeddings!.data as Float32Array;
  }

  /** Takes embeddings that follow those before, and gives the logits after the last. */
  private cachedDecoder(capacity: number): (embeddings: Float32Array) => Promise<Float32Array> {
    const { hidden, layers } = this.config;
    const [, heads, , width] = cacheShape(this.config).map(Number);
    const shape = [1, heads!, capacity, width!];
    const cache: Record<string, Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        const empty = new Float32Array(heads! * capacity * width!);
        cache[`past_key_values.${layer}.${part}`] = new Tensor('float32', empty, shape);
      }
    }
    let length = 0;
    return async (embeddings) => {
      const tokens = embeddings.length / hidden;
      length += tokens;
      const results = await this.decoder.run({
        inputs_embeds: new Tensor('float32', embeddings, [1, tokens, hidden]),
        seqlens_k: new Tensor('int32', Int32Array.of(length - 1), [1]),
        total_sequence_length: new Tensor('int32', Int32Array.of(length), [1]),
        logits_after: new Tensor('int64', BigInt64Array.of(BigInt(tokens - 1)), [1]),
        ...cache,
      });
      for (const name of Object.keys(cache)) {
        cache[name] = results[name.replace('past_key_values', 'present')]!;
      }
      return results.logits!.data as Float32Array;
    };
  }
}

const idTensor = (ids: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);

function floatsOf({ bytes }: StoredTensor): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const row of rows) {
    whole.set(row, start);
    start += row.length;
  }
  return whole;
}

function likeliest(logits: Float32Array): number {
  return logits.reduce((best, value, token) => (value > logits[best]! ? token : best), 0);
}
