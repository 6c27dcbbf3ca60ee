/** A weight that learns, in memory of its own. */
export interface LearningWeight {
  readonly name: string;
  readonly data: Float32Array;
  /** Matrices decay; biases and other vectors do not (MiniGPT-4, runner_base.py). */
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
interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2). Changes the weights in place. */
export class AdamW {
  private readonly moments: readonly Moments[];
  private steps = 0;

  constructor(
    private readonly weights: readonly LearningWeight[],
    private readonly settings: AdamWSettings = originalAdamW,
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
    const firstCorrection = 1 - beta1 ** this.steps;
    const secondCorrection = Math.sqrt(1 - beta2 ** this.steps);
    for (const [index, slope] of gradient.entries()) {
      first[index] = beta1 * first[index]! + (1 - beta1) * slope;
      second[index] = beta2 * second[index]! + (1 - beta2) * slope * slope;
      const deviation = Math.sqrt(second[index]!) / secondCorrection + epsilon;
      const decayed = data[index]! * (1 - learningRate * weightDecay);
      data[index] = decayed - ((learningRate / firstCorrection) * first[index]!) / deviation;
    }
  }
}
