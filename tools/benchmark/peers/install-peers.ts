import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cacheFolder } from '../cache-folder.js';

const run = promisify(execFile);

/** A package that is measured beside this project, in the version that the README's figures are from. */
interface Peer {
  readonly name: string;
  readonly version: string;
  /** What npm is to install. */
  readonly packages: readonly string[];
  readonly flags: readonly string[];
}

/** A peer cannot be had here; the others still can be measured. */
export class PeerUnavailableError extends Error {
  override readonly name = 'PeerUnavailableError';
}

const llamaVersion = '3.22.1';

/** node-llama-cpp's binary for this machine's processor; its optional dependencies bring all GPUs' as well. */
const llamaBinary = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
} as Readonly<Record<string, string>>;

export function nodeLlamaCpp(): Peer {
  const platform = `${process.platform}-${process.arch}`;
  const binary = llamaBinary[platform];
  if (!binary) throw new PeerUnavailableError(`node-llama-cpp has no binary for ${platform}.`);
  return {
    name: 'node-llama-cpp',
    version: llamaVersion,
    packages: [`node-llama-cpp@${llamaVersion}`, `@node-llama-cpp/${binary}@${llamaVersion}`],
    flags: ['--omit=optional'],
  };
}

export const transformersJs: Peer = {
  name: '@huggingface/transformers',
  version: '4.3.1',
  packages: ['@huggingface/transformers@4.3.1'],
  flags: [],
};

/**
 * Installs a peer into the cache, unless an earlier run did. They take some 100 MB each, so they are no dependencies
 * of the project.
 * @returns the folder of the installed package
 * @throws PeerUnavailableError saying why it could not be installed
 */
export async function installPeer({ name, version, packages, flags }: Peer): Promise<string> {
  const folder = join(cacheFolder, 'peers', `${name.replace('/', '-')}-${version}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
    try {
      const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact'];
      await run('npm', ['install', ...quiet, ...flags, ...packages], { cwd: partial });
    } catch (cause) {
      throw new PeerUnavailableError(
        `${name} ${version} could not be installed: npm says "${firstLineOf(cause)}".`,
        { cause },
      );
    }
    await rename(partial, folder);
  }
  return join(folder, 'node_modules', name);
}

function firstLineOf(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return output.split('\n').find((line) => /npm (error|ERR!)/.test(line)) ?? output.split('\n')[0]!;
}
