import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { replaceFile } from '#libs/files';
import { FolderLock, LOCK_FILE } from './folder-lock.js';
import { openDataset } from './open-data.js';
import type { TrainableModel } from './training.js';
import type { TrainingProgress } from './training-checkpoint.js';
import type { TrainingConfig } from './training-config.js';

const CONFIG_FILE = 'config.yaml';
const RECORD_FILE = 'run.json';

const settings = z.record(z.string(), z.unknown());

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** What a resumed run goes on from in its record. */
const begunRecord = z.looseObject({ startedAt: z.string(), resumedAtSteps: z.array(z.int()) });
type RunRecord = z.infer<typeof begunRecord>;

/** The folder of a training run, with all that is needed to repeat it. */
export class RunFolder {
  private constructor(
    private readonly folder: string,
    private readonly lock: FolderLock,
    private readonly config: TrainingConfig,
    private record: RunRecord,
  ) {}

  /**
   * Nothing stays until `describe`, so that a start that fails leaves nothing behind.
   * @throws CodedError `training` when the folder holds something already, or another process works in it.
   */
  static async create(folder: string, config: TrainingConfig): Promise<RunFolder> {
    const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw new CodedError(
        'training',
        `${folder} is no folder that can be written to (${error.code}). Choose another folder.`,
        { cause: error },
      );
    });
    if (entries.some((entry) => entry !== LOCK_FILE)) {
      throw new CodedError(
        'training',
        `${folder} already holds files. Continue an interrupted run with --resume, or choose another folder.`,
      );
    }
    await mkdir(folder, { recursive: true });
    const lock = await FolderLock.acquire(folder);
    return new RunFolder(folder, lock, config, { startedAt: new Date().toISOString(), resumedAtSteps: [] });
  }

  /** @throws CodedError `training` when no run began here, it began with another configuration, or it has not ended. */
  static async resume(folder: string, config: TrainingConfig): Promise<RunFolder> {
    const begun = await readFile(join(folder, CONFIG_FILE), 'utf8').catch((cause: unknown) => {
      throw new CodedError('training', `${folder} holds no run to resume. Start it without --resume.`, {
        cause,
      });
    });
    if (begun !== asYaml(config)) {
      throw new CodedError(
        'training',
        `${join(folder, CONFIG_FILE)} is the configuration this run began with, and the one given now differs ` +
          `in ${differingSettings(begun, asYaml(config)).join(', ')}. Resume with the same, or start another run.`,
      );
    }
    const record: unknown = JSON.parse(await readFile(join(folder, RECORD_FILE), 'utf8'));
    const lock = await FolderLock.acquire(folder);
    return new RunFolder(folder, lock, config, begunRecord.parse(record));
  }

  /** Notes what is trained from what, with which versions on which machine. */
  async describe({ model, architecture, weights }: TrainableModel, step: number): Promise<void> {
    const { resumedAtSteps } = this.record;
    await this.note({
      stage: this.config.stage,
      resumedAtSteps: step > 0 ? [...resumedAtSteps, step] : resumedAtSteps,
      seed: this.config.seed,
      model: { name: model.manifest.name, digests: model.manifest.digests },
      architecture,
      learning: Object.fromEntries(weights.map(({ name, shape }) => [name, shape])),
      data: await openDataset(this.config.data).describe(),
      versions: {
        node: process.version,
        'onnxruntime-node': require('onnxruntime-node/package.json').version,
        commit: await currentCommit(),
      },
      machine: {
        processor: cpus()[0]?.model,
        cores: cpus().length,
        memoryGiB: Math.round(totalmem() / 2 ** 30),
      },
    });
    await replaceFile(join(this.folder, CONFIG_FILE), asYaml(this.config)); // last: it says that the run has begun
  }

  /** @param loss the mean of the last steps */
  async finish({ step, images, skipped, seconds }: TrainingProgress, loss: number): Promise<void> {
    await this.note({
      finishedAt: new Date().toISOString(),
      result: {
        steps: step,
        images,
        skipped,
        seconds: Math.round(seconds),
        imagesPerSecond: Math.round((images / seconds) * 10) / 10,
        meanLossOfTheLastSteps: loss,
        peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
      },
    });
  }

  /** Lets another process in, and takes a folder away that nothing was written into. */
  async leave(): Promise<void> {
    await this.lock.release();
    await rmdir(this.folder).catch(() => {}); // it holds the run
  }

  private async note(facts: Readonly<Record<string, unknown>>): Promise<void> {
    this.record = { ...this.record, ...facts };
    await replaceFile(join(this.folder, RECORD_FILE), `${JSON.stringify(this.record, null, 2)}\n`);
  }
}

function asYaml({ stage, ...settings }: TrainingConfig): string {
  return `# Repeat with: npm run cli -- train ${stage} --config THIS_FILE --out NEW_FOLDER\n${stringify(settings)}`;
}

/** The names of the settings in which two configuration files differ. */
function differingSettings(one: string, other: string): string[] {
  const [first, second] = [settings.parse(parse(one)), settings.parse(parse(other))];
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...names].filter((name) => stringify(first[name]) !== stringify(second[name]));
}

/** The commit of the program's own repository; null where it was installed without one. */
async function currentCommit(): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=12'], {
      cwd: import.meta.dirname,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}
