import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { type Entry, openPromise as openZip, type ZipFile } from 'yauzl';
import {
  CUDA_PROVIDER_FILES,
  CUDA_PROVIDER_RECORD,
  type CudaProviderRecord,
  type OnnxRuntime,
} from '#libs/engine';
import { CodedError } from '#libs/errors';

import { findPackage, PACKAGE, request } from './nuget.js';

export interface CudaInstallation {
  readonly runtime: OnnxRuntime;
  /** The NuGet server to ask, unless `from` is given. */
  readonly index: string;
  /** A package that was downloaded before. */
  readonly from?: string;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

/**
 * Puts the CUDA provider of exactly the runtime's version beside it: the whole of it or, when anything is wrong,
 * nothing.
 * @throws CodedError `cuda-install`
 */
export async function installCudaProvider(installation: CudaInstallation): Promise<CudaProviderRecord> {
  const { runtime, from } = installation;
  const workFolder = await mkdtemp(join(runtime.libraryFolder, '.cuda-provider-')).catch((cause: unknown) => {
    throw new CodedError(
      'cuda-install',
      `${runtime.libraryFolder} cannot be written to. Run "npm install" first, as a user who may change it.`,
      { cause },
    );
  });
  try {
    const path = from ?? (await download(installation, join(workFolder, 'package.nupkg')));
    const record = {
      onnxRuntime: await extractProvider(path, runtime.version, workFolder),
      package: PACKAGE,
      sha512: await digest(path),
    };
    await writeFile(join(workFolder, CUDA_PROVIDER_RECORD), `${JSON.stringify(record, null, 2)}\n`);
    for (const file of [...CUDA_PROVIDER_FILES, CUDA_PROVIDER_RECORD]) {
      await rename(join(workFolder, file), join(runtime.libraryFolder, file));
    }
    return record;
  } finally {
    await rm(workFolder, { recursive: true });
  }
}

async function download({ runtime, index, onProgress }: CudaInstallation, path: string): Promise<string> {
  const { url, sha512 } = await findPackage(index, runtime.version);
  const response = await request(url, runtime.version);
  const total = Number(response.headers.get('content-length') ?? 0);
  let done = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _, next) {
      done += chunk.length;
      onProgress?.('downloading', done, total);
      next(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body as ReadableStream), counter, createWriteStream(path));
  } catch (cause) {
    throw new CodedError('cuda-install', `The download of ${url} broke off. Run the command again.`, {
      cause,
    });
  }
  if ((await digest(path)) !== sha512) {
    throw new CodedError(
      'cuda-install',
      `${url} was damaged on its way: its SHA-512 is not the one NuGet lists. Run the command again.`,
    );
  }
  return path;
}

/** In base64, as NuGet lists it. */
async function digest(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64');
}

/** Unpacks the provider's files. @returns the package's version, which is the one asked for */
async function extractProvider(path: string, version: string, folder: string): Promise<string> {
  if (!(await stat(path).catch(() => undefined)))
    throw new CodedError('cuda-install', `${path} is not there.`);
  let zip: ZipFile;
  try {
    zip = await openZip(path, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw new CodedError('cuda-install', `${path} is not a NuGet package (a .nupkg file is a zip file).`, {
      cause,
    });
  }
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    await checkVersion(path, zip, entries, version);
    for (const file of CUDA_PROVIDER_FILES) {
      const entry = entries.get(`runtimes/linux-x64/native/${file}`);
      if (!entry) throw new CodedError('cuda-install', `${path} does not hold ${file}.`);
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(join(folder, file)));
    }
  } finally {
    zip.close();
  }
  return version;
}

async function checkVersion(
  path: string,
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  version: string,
): Promise<void> {
  const description = entries.get(`${PACKAGE}.nuspec`);
  const text = description ? await readText(await zip.openReadStreamPromise(description)) : '';
  const id = /<id>([^<]*)<\/id>/.exec(text)?.[1];
  const found = /<version>([^<]*)<\/version>/.exec(text)?.[1];
  if (id !== PACKAGE) throw new CodedError('cuda-install', `${path} is not the package ${PACKAGE}.`);
  if (found !== version) {
    throw new CodedError(
      'cuda-install',
      `${path} is ${PACKAGE} ${found}, but the installed onnxruntime-node is ${version}, and only a provider of the same version works with it.`,
    );
  }
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
