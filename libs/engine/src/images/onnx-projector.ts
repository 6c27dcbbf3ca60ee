import { type InferenceSession, Tensor } from 'onnxruntime-node';

/** ViT, Q-Former and projection as one ONNX session. */
export class OnnxProjector {
  /** @param imageSize side of the square input in pixels */
  constructor(
    private readonly session: InferenceSession,
    private readonly imageSize: number,
  ) {}

  /** `[3, imageSize, imageSize]` → `[tokensPerImage, hidden]` */
  async project(pixelValues: Float32Array): Promise<Float32Array> {
    const shape = [1, 3, this.imageSize, this.imageSize];
    const { projected } = await this.session.run({
      pixel_values: new Tensor('float32', pixelValues, shape),
    });
    if (!(projected?.data instanceof Float32Array)) {
      throw new Error('The encoder graph gave no float32 projection.');
    }
    return projected.data;
  }
}
