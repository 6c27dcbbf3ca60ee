import {
  type Curation,
  type CurationReport,
  describeImages,
  estimateRepair,
  RepairModel,
  repairDescriptions,
  type SourceImage,
  startReviewServer,
  undescribed,
  unrepaired,
  writeResult,
} from '#libs/curation';
import { startEngine } from '#libs/engine';
import { CodedError } from '#libs/errors';

import { confirm } from '../console/confirm.js';
import { remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import type { CurateOptions } from './curate-options.js';
import { formatTokenUse } from './token-use.js';

/** Has the model of stage 1 describe the pictures that were not described yet. */
export async function describe(
  curation: Curation,
  images: readonly SourceImage[],
  { model: modelPath, device, threads }: CurateOptions,
): Promise<void> {
  const waiting = undescribed(curation, images);
  if (waiting.length === 0) return;
  const engine = await startEngine({ modelPath, device, threads }, { onWarning: remark });
  const progress = new Progress();
  try {
    await describeImages(curation, engine, waiting, (done, total) =>
      progress.update('describing', done, total),
    );
  } finally {
    progress.stop();
    await engine.close();
  }
}

/** Has the other model repair what was not repaired yet, once its cost is agreed to. */
export async function repair(curation: Curation, options: CurateOptions): Promise<void> {
  const pairs = unrepaired(curation);
  if (pairs.length === 0) return;
  const use = estimateRepair(pairs.map(({ described }) => described?.text ?? ''));
  const plan = `${pairs.length} descriptions go to ${options.endpoint}: about ${formatTokenUse(use, options)}.`;
  if (options.yes) remark(plan);
  else if (!(await confirm(`${plan} Go on?`, '--yes'))) {
    throw new CodedError('argument', 'Nothing was sent. The descriptions are kept for another time.');
  }
  const { endpoint, repairModel: model, repairTemperature: temperature, requestsPerMinute } = options;
  const apiKey = process.env.OPENAI_API_KEY;
  const repairModel = new RepairModel({ endpoint, model, apiKey, temperature, requestsPerMinute });
  const progress = new Progress();
  try {
    await repairDescriptions(curation, repairModel, pairs, (done, total) =>
      progress.update('repairing', done, total),
    );
  } finally {
    progress.stop();
  }
}

/** Serves the review page until somebody finishes there or here. */
export async function review(curation: Curation, port: number): Promise<CurationReport> {
  const server = await startReviewServer(curation, port);
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  try {
    remark(`Review the pairs at ${server.address} and press Finish, or Ctrl+C here, when you are done.`);
    await Promise.race([server.finished, interrupted]);
  } finally {
    await server.close();
  }
  return writeResult(curation);
}
