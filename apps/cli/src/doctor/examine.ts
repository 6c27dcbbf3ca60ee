import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import {
  estimateMemory,
  inspectCuda,
  inspectVulkan,
  installedOnnxRuntime,
  isEngineFault,
  requireDevice,
} from '#libs/engine';
import { tokensPerImage } from '#libs/minigpt4';
import { MANIFEST_FILE, type ModelManifest, openModelPackage } from '#libs/model-package';
import { listSupportedBackends, thisSystem } from '#libs/onnx-runtime';
import { repositoryRoot } from '#libs/start-up';

import { DEFAULT_BLOCK_SIZE } from '../console/quantization.js';
import type { DeviceFinding, Examination, Fit, ModelFinding } from './examination.js';
import { publishedSizes } from './published-sizes.js';

const SUPPORTED_NODE = [20, 19] as const;

/** What makes the processor's kernels fast, by the names of Linux. */
const helpfulInstructions = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'asimd', 'asimddp', 'i8mm'];

const secrets = ['DISCORD_TOKEN', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'HF_TOKEN'];

/** Variables that name a port, with their defaults. */
const ports = { GRPC_PORT: 50_051, HTTP_PORT: 50_052, WEB_PORT: 3_000 };

/** Beside one picture. */
const CONTEXT_LENGTH = 1_024;

/** Looks at everything that decides what this machine can run. */
export async function examine(environment: NodeJS.ProcessEnv): Promise<Examination> {
  const cuda = await inspectCuda();
  const { version } = installedOnnxRuntime();
  const available = process.availableMemory();
  return {
    node: { version: process.versions.node, supported: isSupported(process.versions.node) },
    system: thisSystem(),
    processor: {
      model: cpus()[0]?.model.trim() ?? 'unknown',
      threads: availableParallelism(),
      instructions: processorInstructions(),
    },
    memory: { total_bytes: totalmem(), available_bytes: available },
    disk: { folder: repositoryRoot, free_bytes: await freeDiskSpace(repositoryRoot) },
    onnxruntime: { version, providers: listSupportedBackends().map(({ name }) => name) },
    devices: {
      cpu: { usable: true, problems: [] },
      webgpu: await tryWebGpu(),
      cuda: {
        ...(cuda.problems.length > 0 ? { usable: false, problems: cuda.problems } : await tryDevice('cuda')),
        gpus: cuda.gpus,
        provider: cuda.provider,
        missing_libraries: cuda.missingLibraries,
      },
    },
    ports: await Promise.all(
      Object.entries(ports).map(async ([variable, usual]) => {
        const port = Number(environment[variable] || usual);
        return { variable, port, free: await isFree(port) };
      }),
    ),
    models: await findModels(environment.MODEL_PATH || undefined),
    secrets: Object.fromEntries(secrets.map((name) => [name, Boolean(environment[name])])),
    fits: fitsIn({
      cpu: available,
      cuda: cuda.problems.length === 0 ? (cuda.gpus[0]?.freeMemoryBytes ?? 0) : 0,
    }),
  };
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > SUPPORTED_NODE[0] || (major === SUPPORTED_NODE[0] && minor >= SUPPORTED_NODE[1]);
}

function processorInstructions(): string[] {
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return [];
  const words = new Set(readFileSync(path, 'utf8').split(/\s+/));
  return helpfulInstructions.filter((name) => words.has(name));
}

async function freeDiskSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function tryDevice(device: 'webgpu' | 'cuda'): Promise<DeviceFinding> {
  try {
    await requireDevice(device, { kind: 'int4', blockSize: 32 });
    return { usable: true, problems: [] };
  } catch (error) {
    if (!isEngineFault(error, 'device-unavailable')) throw error;
    return { usable: false, problems: [error.fault.reason] };
  }
}

/** Without Vulkan's loader there is nothing to try on Linux. */
async function tryWebGpu(): Promise<Examination['devices']['webgpu']> {
  const vulkan = await inspectVulkan();
  if (vulkan === undefined || vulkan.loader) return { ...(await tryDevice('webgpu')), vulkan };
  const problem =
    "Vulkan's loader, libvulkan.so.1, is not installed. Install it (on Debian and Ubuntu: libvulkan1) and the driver of the GPU.";
  return { usable: false, problems: [problem], vulkan };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The configured package, and those in the folders where the documentation puts them. */
async function findModels(configured?: string): Promise<ModelFinding[]> {
  const shelves = ['models', 'packages']
    .map((name) => join(repositoryRoot, name))
    .filter((path) => existsSync(path));
  const folders = new Set([
    ...(configured ? [configured] : []),
    ...shelves.flatMap((shelf) => readdirSync(shelf).map((name) => join(shelf, name))),
  ]);
  const packages = [...folders].filter((folder) => existsSync(join(folder, MANIFEST_FILE)));
  return Promise.all(
    packages.map(async (folder) => {
      const { manifest } = await openModelPackage(folder);
      return {
        folder: relative(process.cwd(), folder),
        name: manifest.name,
        weights: nameOfWeights(manifest),
        needed_bytes: neededMemory(manifest, 'cpu'),
      };
    }),
  );
}

const nameOfWeights = ({ quantization: { decoder } }: ModelManifest) =>
  decoder.kind === 'none' ? 'float32' : decoder.kind;

function neededMemory(
  model: Pick<ModelManifest, 'architecture' | 'quantization'>,
  device: 'cpu' | 'cuda',
): number {
  const { architecture, quantization } = model;
  const contextLength = Math.min(
    CONTEXT_LENGTH + tokensPerImage(architecture),
    architecture.decoder.contextLength,
  );
  const precision = device === 'cuda' ? 'float16' : 'float32';
  const shape = { architecture, quantization, device, slots: 1, contextLength };
  return estimateMemory({ ...shape, keyValueType: precision, precision }).total;
}

/** @param available bytes on each device */
export function fitsIn(available: Readonly<Record<'cpu' | 'cuda', number>>): Fit[] {
  const int4 = { kind: 'int4', blockSize: DEFAULT_BLOCK_SIZE } as const;
  const formats = [
    { weights: 'int4', visionEncoder: 'int8', decoder: int4, encoder: { kind: 'int8' } },
    { weights: 'int4', visionEncoder: 'float32', decoder: int4, encoder: { kind: 'none' } },
    { weights: 'int8', visionEncoder: 'int8', decoder: { kind: 'int8' }, encoder: { kind: 'int8' } },
    { weights: 'float32', visionEncoder: 'float32', decoder: { kind: 'none' }, encoder: { kind: 'none' } },
  ] as const;
  return Object.entries(publishedSizes).flatMap(([model, architecture]) =>
    formats.map(({ weights, visionEncoder, ...quantization }): Fit => {
      const needed = (device: 'cpu' | 'cuda') => neededMemory({ architecture, quantization }, device);
      const suitable = weights === 'int8' ? (['cpu'] as const) : (['cpu', 'cuda'] as const);
      const devices = suitable.filter((device) => needed(device) <= available[device]);
      return { model, weights, visionEncoder, needed_bytes: needed('cpu'), devices };
    }),
  );
}
