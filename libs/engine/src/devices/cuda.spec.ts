import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CUDA_PROVIDER_FILES, CUDA_PROVIDER_RECORD, type CudaPlaces, cudaSituation } from './cuda.js';

const gpu = { name: 'A GPU', driver: '570.1', memoryBytes: 24e9, freeMemoryBytes: 23e9 };
const cuda12 = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcurand.so.10',
  'libcufft.so.11',
];
const cudnn9 = ['libcudnn.so.9'];

describe('what stands between a machine and CUDA', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cuda-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function installProvider(version?: string): Promise<void> {
    for (const file of CUDA_PROVIDER_FILES) await writeFile(join(folder, file), '');
    if (version === undefined) return;
    const record = { onnxRuntime: version, package: 'a.nupkg', sha512: 'abc' };
    await writeFile(join(folder, CUDA_PROVIDER_RECORD), JSON.stringify(record));
  }

  const situation = (places: Partial<CudaPlaces> = {}) =>
    cudaSituation({
      platform: 'linux x64',
      runtime: { version: '1.30.0', libraryFolder: folder },
      loadableLibraries: new Set([...cuda12, ...cudnn9]),
      gpus: [gpu],
      ...places,
    });

  it('is nothing where GPU, provider and libraries are there', async () => {
    await installProvider('1.30.0');
    expect(situation()).toMatchObject({ provider: 'right-version', problems: [] });
  });

  it('is a GPU that is not there', async () => {
    await installProvider('1.30.0');
    expect(situation({ gpus: [] }).problems).toEqual([expect.stringContaining('shows no NVIDIA GPU')]);
  });

  it('is a provider that was never installed, is of another version, or came from elsewhere', async () => {
    expect(situation().problems).toEqual([
      'ONNX Runtime\'s CUDA provider is not installed (libonnxruntime_providers_shared.so, libonnxruntime_providers_cuda.so). Run "npm run install:cuda".',
    ]);
    await installProvider('1.29.1');
    expect(situation().problems).toEqual([
      'ONNX Runtime\'s CUDA provider is of version 1.29.1, but the runtime is 1.30.0. Run "npm run install:cuda" again.',
    ]);
    await rm(join(folder, CUDA_PROVIDER_RECORD));
    expect(situation()).toMatchObject({ provider: 'unknown-version' });
  });

  it('is a library of NVIDIA that is missing or of another version, by its name', async () => {
    await installProvider('1.30.0');
    const { missingLibraries, problems } = situation({
      loadableLibraries: new Set([...cuda12, 'libcudnn.so.8']),
    });
    expect(missingLibraries).toEqual(['libcudnn.so.9']);
    expect(problems).toEqual([
      'cuDNN 9 is not installed: libcudnn.so.9 cannot be found. Of another version, libcudnn.so.8 is there. ' +
        'Install cuDNN 9, and name its folder in LD_LIBRARY_PATH if it is an unusual one.',
    ]);
    expect(situation({ loadableLibraries: new Set(cudnn9) }).missingLibraries).toHaveLength(5);
  });

  it('is another system than Linux on x64', () => {
    expect(situation({ platform: 'darwin arm64' }).problems).toEqual([
      'it needs Linux on x64, and this is darwin arm64. Choose the device "webgpu" or "cpu".',
    ]);
  });
});
