import { readFile } from 'node:fs/promises';
import { CodedError } from '#libs/errors';

import { tokensPerImage } from '#libs/minigpt4';
import {
  type ModelManifest,
  type ModelPackage,
  openModelPackage,
  verifyModelPackage,
} from '#libs/model-package';
import { Tokenizer } from '#libs/tokenizer';

import { deviceOfImageNetworks } from './devices/require-device.js';
import type { EngineLimits, Reproducibility } from './engine.js';
import type { EngineSettings } from './engine-options.js';
import { loadImageNetworks } from './images/load-image-networks.js';
import type { ReadImage } from './images/owner-image-reader.js';
import { loadDecoder } from './load-decoder.js';
import type { LoadedModel } from './local-engine.js';
import { proveReproducible } from './prove-reproducible.js';
import type { BurstDecoder, Decoder } from './scheduling/decoder.js';
import { Prompt } from './scheduling/prompt.js';
import { WeightFiles } from './weight-files.js';

export interface LoadedEngine {
  readonly model: LoadedModel;
  readonly limits: EngineLimits;
}

/**
 * Compiles a model package's networks for the device and makes room for its KV cache.
 * @param warn hears sentences about what works, but worse than asked for
 * @throws CodedError `model-package`, DeviceUnavailableError, InsufficientMemoryError, EngineError
 */
export async function loadModel(
  settings: EngineSettings,
  warn: (message: string) => void,
  readImage: ReadImage,
): Promise<LoadedEngine> {
  const modelPackage = await openModelPackage(settings.modelPath);
  await verifyModelPackage(modelPackage, settings.verification);
  const { manifest } = modelPackage;
  const tokenizer = await readTokenizer(modelPackage);
  if (deviceOfImageNetworks(settings.device, manifest.quantization) !== settings.device) {
    warn(
      'Pictures are looked at by the processor: the matrices for it are stored as int8, which no other device ' +
        `multiplies. Convert the model with --quantize-encoder none to have it done on "${settings.device}".`,
    );
  }
  const { decoder, ...memory } = await loadDecoder(modelPackage, tokenizer.vocabularySize, settings, warn);
  const model: LoadedModel = {
    manifest,
    weightFiles: new WeightFiles(modelPackage.folder),
    tokensPerImage: tokensPerImage(manifest.architecture),
    tokenizer,
    decoder,
    images: await loadImageNetworks(modelPackage, settings, readImage),
    reproducibility: await determineReproducibility(decoder, settings, manifest, warn),
  };
  if (settings.warmUp) await warmUp(model);
  const limits: EngineLimits = {
    device: settings.device,
    contextLength: decoder.capacity,
    tokensPerImage: model.tokensPerImage,
    maxImages: settings.maxImages,
    maxImageBytes: settings.maxImageBytes,
    slots: decoder.rows,
    queueLimit: settings.queueLimit,
    ...memory,
    reproducibility: model.reproducibility,
    burstLength: 'burstLength' in decoder ? decoder.burstLength : 1,
  };
  return { model, limits };
}

async function determineReproducibility(
  decoder: Decoder | BurstDecoder,
  { reproducible }: EngineSettings,
  { architecture }: ModelManifest,
  warn: (message: string) => void,
): Promise<Reproducibility> {
  if (!reproducible) return { kind: 'switched-off' };
  if ('decodeBurst' in decoder) {
    warn(
      'A seed need not give the same reply again: of tokens that are sampled in bursts this cannot be proven.',
    );
    return { kind: 'not-kept' };
  }
  const company = await proveReproducible(decoder, architecture.decoder.vocabulary);
  if (company !== undefined) return { kind: 'proven', company };
  warn(
    'A seed need not give the same reply again: in a trial the kernels of this machine gave a row other last bits in ' +
      'other company.',
  );
  return { kind: 'not-kept' };
}

async function readTokenizer({ tokenizerPath, manifest }: ModelPackage): Promise<Tokenizer> {
  try {
    return Tokenizer.fromJson(JSON.parse(await readFile(tokenizerPath, 'utf8')), manifest.tokens);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('model-package', `${tokenizerPath} cannot be used: ${problem}`, { cause });
  }
}

/** Reads all weights from the disk by using them. */
async function warmUp({ decoder, images, tokenizer, tokensPerImage, manifest }: LoadedModel): Promise<void> {
  const tokenIds = [tokenizer.beginOfSequence];
  await decoder.prefill(0, new Prompt([{ kind: 'text', tokenIds }], tokensPerImage), 0, 1);
  const { imageSize } = manifest.architecture.vision;
  let values: Float32Array = new Float32Array(3 * imageSize * imageSize);
  for (const piece of images.pieces) values = await piece(values);
  if (images.questions) await images.questions.run(values, images.questions.tokenize(''));
}
