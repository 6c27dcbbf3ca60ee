import { encoderGraph } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import { openSession } from '../open-session.js';

/** The frozen part of the image encoder, up to the Q-Former or to the norm before it. */
export class FeatureEncoder {
  private constructor(
    private readonly session: InferenceSession,
    private readonly stage: 'qformer' | 'ln_vision',
    private readonly imageSize: number,
  ) {}

  static async open(
    model: ModelPackage,
    stage: 'qformer' | 'ln_vision',
    threads?: number,
  ): Promise<FeatureEncoder> {
    const { architecture } = model.manifest;
    const graph = encoderGraph(architecture, model.weights, { stages: [stage] });
    return new FeatureEncoder(await openSession(graph, model, threads), stage, architecture.vision.imageSize);
  }

  /** Features `[tokens, width]` of images `[3, side, side]`. */
  async encode(images: readonly Float32Array[]): Promise<Float32Array[]> {
    if (images.length === 0) return [];
    const size = 3 * this.imageSize ** 2;
    const pixels = new Float32Array(images.length * size);
    for (const [index, image] of images.entries()) pixels.set(image, index * size);
    const shape = [images.length, 3, this.imageSize, this.imageSize];
    const results = await this.session.run({ pixel_values: new Tensor('float32', pixels, shape) }, [
      this.stage,
    ]);
    const features = results[this.stage]!.data as Float32Array;
    const each = features.length / images.length;
    return images.map((_, index) => features.slice(index * each, (index + 1) * each));
  }

  close(): Promise<void> {
    return this.session.release();
  }
}
