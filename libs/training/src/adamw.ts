/** A weight that learns, in memory of its own. */
export interface LearningWeight {
  readonly name: string;
  readonly data: Float32Array;
  readonly weightDecay: number;
}

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The original's settings (MiniGPT-4, runner_base.py). */
export const originalAdamW: AdamWSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The two running means of a weight's gradient. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2). Changes the weights in place. */
export class AdamW {
  /** Of each weight, in the order of the weights. With `steps`, all that an interrupted training has to keep. */
  readonly moments: readonly Moments[];

  constructor(
    readonly weights: readonly LearningWeight[],
    private readonly settings: AdamWSettings = originalAdamW,
    /** Steps taken so far. */
    public steps = 0,
  ) {
    this.moments = weights.map(({ data }) => ({
      first: new Float32Array(data.length),
      second: new Float32Array(data.length),
    }));
  }

  /** @param gradientOf the gradient of the loss by a weight, in the weight's layout */
  step(gradientOf: (name: string) => Float32Array, learningRate: number): void {
    this.steps++;
    for (const [index, weight] of this.weights.entries()) {
      this.update(weight, this.moments[index]!, gradientOf(weight.name), learningRate);
    }
  }

  private update(
    { data, weightDecay }: LearningWeight,
    { first, second }: Moments,
    gradient: Float32Array,
    learningRate: number,
  ): void {
    const { beta1, beta2, epsilon } = this.settings;
    const rate = learningRate / (1 - beta1 ** this.steps);
    const secondCorrection = Math.sqrt(1 - beta2 ** this.steps);
    const kept = 1 - learningRate * weightDecay;
    for (let index = 0; index < data.length; index++) {
      const slope = gradient[index]!;
      const mean = beta1 * first[index]! + (1 - beta1) * slope;
      const meanSquare = beta2 * second[index]! + (1 - beta2) * slope * slope;
      first[index] = mean;
      second[index] = meanSquare;
      data[index] =
        data[index]! * kept - (rate * mean) / (Math.sqrt(meanSquare) / secondCorrection + epsilon);
    }
  }
}
