import { rotationGraph } from '#libs/minigpt4';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

/** Turns rows as the networks turn what they multiply with them. */
export interface Rotation {
  /** @param rows float32 `[count, width]` */
  turn(rows: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Of rows of this width. */
export async function openRotation(width: number): Promise<Rotation> {
  const session = await InferenceSession.create(rotationGraph(width));
  return {
    async turn(rows) {
      const { rotated } = await session.run({
        rows: new Tensor('float32', rows, [rows.length / width, width]),
      });
      return rotated!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
