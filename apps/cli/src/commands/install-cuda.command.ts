import type { Command } from 'commander';
import { inspectCuda, installedOnnxRuntime } from '#libs/engine';
import { CodedError } from '#libs/errors';
import { formatBytes } from '../console/format.js';
import { printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import { installCudaProvider } from '../cuda/install-cuda-provider.js';
import { NUGET, PACKAGE } from '../cuda/nuget.js';

interface InstallCudaOptions {
  readonly from?: string;
  readonly index: string;
}

export function define(command: Command): void {
  command
    .option('--from <file>', `the package ${PACKAGE} as a file, instead of downloading it`)
    .option('--index <url>', 'the NuGet server', NUGET)
    .addHelpText(
      'after',
      `
Takes the version of the installed onnxruntime-node and no other, and compares the download with the SHA-512 that the
server lists. Run it again after an update of onnxruntime-node.

Without internet: download ${PACKAGE} of that version from https://www.nuget.org
on another machine, carry the .nupkg file over, and name it with --from.`,
    )
    .action(run);
}

async function run({ from, index }: InstallCudaOptions): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CodedError(
      'cuda-install',
      `ONNX Runtime for Node has CUDA on Linux x64 only, and this is ${process.platform} ${process.arch}.`,
    );
  }
  const runtime = installedOnnxRuntime();
  const progress = new Progress(formatBytes);
  const onProgress = (stage: string, done: number, total: number) => progress.update(stage, done, total);
  try {
    const { sha512 } = await installCudaProvider({ runtime, index, from, onProgress });
    progress.stop();
    printText(
      `The CUDA provider of ONNX Runtime ${runtime.version} is installed. SHA-512 of its package: ${sha512}\n`,
    );
  } finally {
    progress.stop();
  }
  const { problems } = await inspectCuda();
  for (const problem of problems) remark(`Still missing: ${problem}`);
}
