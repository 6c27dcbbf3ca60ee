import type { CudaSituation, VulkanSituation } from '#libs/engine';
import type { System } from '#libs/onnx-runtime';

/** What a machine was found to have. `doctor --json` prints it; programs may rely on its names. */
export interface Examination {
  readonly node: { readonly version: string; readonly supported: boolean };
  readonly system: System;
  readonly processor: {
    readonly model: string;
    readonly threads: number;
    /** Of the instructions that ONNX Runtime's kernels use; empty where the system does not list them. */
    readonly instructions: readonly string[];
  };
  readonly memory: { readonly total_bytes: number; readonly available_bytes: number };
  readonly disk: { readonly folder: string; readonly free_bytes: number };
  readonly onnxruntime: { readonly version: string; readonly providers: readonly string[] };
  readonly devices: {
    readonly cpu: DeviceFinding;
    /** `vulkan` is absent where the system has another way to its GPUs. */
    readonly webgpu: DeviceFinding & { readonly vulkan?: VulkanSituation };
    readonly cuda: DeviceFinding & {
      readonly gpus: CudaSituation['gpus'];
      readonly provider: CudaSituation['provider'];
      readonly missing_libraries: readonly string[];
    };
  };
  readonly ports: readonly { readonly variable: string; readonly port: number; readonly free: boolean }[];
  readonly models: readonly ModelFinding[];
  /** By variable: whether it is set. Values are never shown. */
  readonly secrets: Readonly<Record<string, boolean>>;
  readonly fits: readonly Fit[];
}

export interface DeviceFinding {
  readonly usable: boolean;
  /** Sentences; empty when it is usable. */
  readonly problems: readonly string[];
}

export interface ModelFinding {
  readonly folder: string;
  readonly name: string;
  readonly weights: string;
  readonly needed_bytes: number;
}

/** Whether a published model runs here, with one slot of a picture and 1024 tokens. */
export interface Fit {
  readonly model: string;
  /** Of the language model. */
  readonly weights: 'int4' | 'int8' | 'float32';
  /** Of what looks at pictures. */
  readonly visionEncoder: 'int8' | 'float32';
  readonly needed_bytes: number;
  /** The devices whose memory holds it. */
  readonly devices: readonly ('cpu' | 'cuda')[];
}
