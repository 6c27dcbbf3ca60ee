import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { EngineError } from '../errors.js';
import { installedOnnxRuntime, type OnnxRuntime } from './onnx-runtime.js';
import { loadableLibraries, outputOf } from './shared-libraries.js';

/** What ONNX Runtime loads beside its own library to compute on CUDA. */
export const CUDA_PROVIDER_FILES = [
  'libonnxruntime_providers_shared.so',
  'libonnxruntime_providers_cuda.so',
] as const;

/** Written beside the provider by `install-cuda`, since the provider itself does not say its version. */
export const CUDA_PROVIDER_RECORD = 'cuda-provider.json';

const cudaProviderRecord = z.object({
  onnxRuntime: z.string(),
  package: z.string(),
  sha512: z.string(),
});
export type CudaProviderRecord = z.infer<typeof cudaProviderRecord>;

/** What the provider of ONNX Runtime 1.30 links to: CUDA 12 and cuDNN 9. */
const systemLibraries = [
  { name: 'libcudart.so', major: 12, of: 'CUDA 12' },
  { name: 'libcublas.so', major: 12, of: 'CUDA 12' },
  { name: 'libcublasLt.so', major: 12, of: 'CUDA 12' },
  { name: 'libcurand.so', major: 10, of: 'CUDA 12' },
  { name: 'libcufft.so', major: 11, of: 'CUDA 12' },
  { name: 'libcudnn.so', major: 9, of: 'cuDNN 9' },
] as const;

export interface NvidiaGpu {
  readonly name: string;
  readonly driver: string;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

/** What stands between this machine and CUDA. */
export interface CudaSituation {
  readonly gpus: readonly NvidiaGpu[];
  readonly provider: 'absent' | 'right-version' | 'other-version' | 'unknown-version';
  /** Names such as "libcudart.so.12". */
  readonly missingLibraries: readonly string[];
  /** Sentences: each says what is wrong and what to do. Empty when CUDA can be tried. */
  readonly problems: readonly string[];
}

/** Where to look; tests look elsewhere. */
export interface CudaPlaces {
  readonly platform: string;
  readonly runtime: OnnxRuntime;
  /** File names of the shared libraries that the dynamic loader finds. */
  readonly loadableLibraries: ReadonlySet<string>;
  readonly gpus: readonly NvidiaGpu[];
}

export async function inspectCuda(): Promise<CudaSituation> {
  return cudaSituation({
    platform: `${process.platform} ${process.arch}`,
    runtime: installedOnnxRuntime(),
    loadableLibraries: await loadableLibraries(),
    gpus: await nvidiaGpus(),
  });
}

/** @throws EngineError `device-unavailable` with everything that is wrong */
export async function requireCuda(): Promise<NvidiaGpu> {
  const { problems, gpus } = await inspectCuda();
  const [gpu] = gpus;
  if (problems.length > 0 || !gpu)
    throw new EngineError({ code: 'device-unavailable', device: 'cuda', reason: problems.join(' ') });
  return gpu;
}

export function cudaSituation({ platform, runtime, loadableLibraries, gpus }: CudaPlaces): CudaSituation {
  if (platform !== 'linux x64') {
    const problem = `it needs Linux on x64, and this is ${platform}. Choose the device "webgpu" or "cpu".`;
    return { gpus, provider: 'absent', missingLibraries: [], problems: [problem] };
  }
  const problems: string[] = [];
  if (gpus.length === 0) {
    problems.push(
      'nvidia-smi shows no NVIDIA GPU. Install the GPU and its driver, or choose the device "cpu".',
    );
  }
  const record = providerRecord(runtime);
  const absent = CUDA_PROVIDER_FILES.filter((file) => !existsSync(join(runtime.libraryFolder, file)));
  const provider =
    absent.length > 0
      ? 'absent'
      : record === undefined
        ? 'unknown-version'
        : record.onnxRuntime === runtime.version
          ? 'right-version'
          : 'other-version';
  if (provider === 'absent') {
    problems.push(
      `ONNX Runtime's CUDA provider is not installed (${absent.join(', ')}). Run "npm run install:cuda".`,
    );
  }
  if (provider === 'other-version') {
    problems.push(
      `ONNX Runtime's CUDA provider is of version ${record?.onnxRuntime}, but the runtime is ${runtime.version}. ` +
        'Run "npm run install:cuda" again.',
    );
  }
  if (provider === 'unknown-version') {
    problems.push(
      `ONNX Runtime's CUDA provider was put there by hand, so it is not known to be of version ${runtime.version}. ` +
        'Run "npm run install:cuda" to replace it.',
    );
  }
  const missing = systemLibraries.filter(({ name, major }) => !loadableLibraries.has(`${name}.${major}`));
  for (const product of new Set(missing.map(({ of }) => of))) {
    const files = missing.filter((library) => library.of === product);
    problems.push(missingSentence(product, files, loadableLibraries));
  }
  return { gpus, provider, missingLibraries: missing.map(({ name, major }) => `${name}.${major}`), problems };
}

function missingSentence(
  product: string,
  files: readonly { readonly name: string; readonly major: number }[],
  loadable: ReadonlySet<string>,
): string {
  const names = files.map(({ name, major }) => `${name}.${major}`);
  const others = files.flatMap(({ name }) => [...loadable].filter((file) => file.startsWith(`${name}.`)));
  const found = others.length > 0 ? ` Of another version, ${others.join(', ')} is there.` : '';
  return `${product} is not installed: ${names.join(', ')} cannot be found.${found} Install ${product}, and name its folder in LD_LIBRARY_PATH if it is an unusual one.`;
}

function providerRecord({ libraryFolder }: OnnxRuntime): CudaProviderRecord | undefined {
  const path = join(libraryFolder, CUDA_PROVIDER_RECORD);
  if (!existsSync(path)) return undefined;
  return cudaProviderRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
}

async function nvidiaGpus(): Promise<NvidiaGpu[]> {
  const fields = 'name,driver_version,memory.total,memory.free';
  const table = await outputOf('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader,nounits']);
  return table
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [name = '', driver = '', total, free] = line.split(', ');
      const mebibytes = (count?: string) => Number(count) * 2 ** 20;
      return { name, driver, memoryBytes: mebibytes(total), freeMemoryBytes: mebibytes(free) };
    });
}
