import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createModelClient, imageFromBytes, type ReplyEnd } from '#libs/client';
import { buildPrompt } from '#libs/conversation';
import { startModelServer } from '../../test/support/model-server-process.js';
import { HubServer } from '../../test-servers/hub/hub-server.js';
import { type MeasuredRun, runMeasured, type Usage, watchUsage } from './measured-process.js';
import { writeHub } from './write-hub.js';

const cli = 'dist/apps/cli/src/main.js';
const picture = 'test/fixtures/emoji-scenes/validation/scenes/0001.png';
const question = 'Describe this image in detail.';
const REPLY_TOKENS = 32;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Usage: npm run full-size -- FOLDER [--keep]');
const hub = join(folder, 'hub');
const downloads = join(folder, 'downloads');
const modelPackage = join(folder, 'minigpt4-7b');

try {
  if (!existsSync(modelPackage)) {
    if (!existsSync(hub)) await writeRepositories();
    await pull();
    await convert();
  }
  await generate();
  await serve();
} finally {
  const made = values.keep ? [] : [hub, downloads, modelPackage];
  for (const path of made) await rm(path, { recursive: true, force: true });
}

async function writeRepositories(): Promise<void> {
  const start = performance.now();
  const bytes = await writeHub(hub, console.log);
  console.log(`repositories written, ${gigabytes(bytes)}: ${seconds(performance.now() - start)}`);
}

/** Downloads and converts in one command, as a user does. */
async function pull(): Promise<void> {
  const server = await HubServer.start(hub);
  try {
    const whole = await runMeasured(cli, [
      ...['pull', 'minigpt4-vicuna-7b', '--endpoint', server.endpoint, '--out', modelPackage],
      ...['--downloads', downloads, '--quantize', 'int4', '--accept-license'],
    ]);
    report('pull, downloads and conversion', whole);
    console.log(`  package: ${gigabytes(await sizeOfFolder(modelPackage))}`);
  } finally {
    await server.close();
  }
}

/** The second half of `pull` again, on its own. */
async function convert(): Promise<void> {
  await rm(modelPackage, { recursive: true });
  const conversion = await runMeasured(cli, [
    ...['pull', 'minigpt4-vicuna-7b', '--from', downloads, '--out', modelPackage],
    ...['--quantize', 'int4', '--accept-license'],
  ]);
  report('conversion alone', conversion);
  await rm(downloads, { recursive: true });
}

async function generate(): Promise<void> {
  const run = await runMeasured(cli, [
    ...['ask', question, '--model', modelPackage, '--image', picture],
    ...['--temperature', '0', '--max-new-tokens', String(REPLY_TOKENS), '--json'],
  ]);
  report('ask, with the model loaded for one reply', run);
  const { answer, completion_tokens, prompt_tokens, timings } = JSON.parse(run.stdout);
  console.log(`  ${prompt_tokens} tokens of prompt, ${completion_tokens} of reply: ${answer}`);
  printSpeed(completion_tokens, {
    imageSeconds: timings.image,
    prefillSeconds: timings.prefill,
    decodeSeconds: timings.decode,
  });
}

async function serve(): Promise<void> {
  const start = performance.now();
  const server = await startModelServer(undefined, { MODEL_PATH: modelPackage, SLOTS: '2' });
  const watch = watchUsage(server);
  const client = createModelClient({ address: server.address });
  try {
    console.log(`model server: ready after ${seconds(performance.now() - start)}`);
    const image = imageFromBytes(await readFile(picture));
    const { segments } = buildPrompt({
      template: 'vicuna-v0',
      turns: [{ role: 'user', images: [image], text: question }],
    });
    const reply = await client.generateOnce({
      segments,
      sampling: { temperature: 0 },
      maxNewTokens: REPLY_TOKENS,
    });
    console.log(`  through gRPC: ${reply.usage.completionTokens} tokens: ${reply.text}`);
    printSpeed(reply.usage.completionTokens, reply.timings);
  } finally {
    client.close();
    printUsage(watch.stop());
    await server.stop();
  }
}

function report(title: string, run: MeasuredRun): void {
  console.log(`${title}: ${seconds(run.seconds * 1000)}`);
  printUsage(run.usage);
}

function printUsage({ processorSeconds, residentBytes, anonymousBytes }: Usage): void {
  console.log(
    `  ${processorSeconds.toFixed(0)} s of processor, at most ${gigabytes(residentBytes)} of memory, without mapped files ${gigabytes(anonymousBytes)}`,
  );
}

function printSpeed(
  tokens: number,
  timings: Pick<ReplyEnd['timings'], 'imageSeconds' | 'prefillSeconds' | 'decodeSeconds'>,
): void {
  const { imageSeconds, prefillSeconds, decodeSeconds } = timings;
  const rate = (tokens - 1) / decodeSeconds; // the first token comes with the prompt
  console.log(
    `  image ${imageSeconds.toFixed(2)} s, prompt ${prefillSeconds.toFixed(2)} s, ${rate.toFixed(2)} tokens/s`,
  );
}

async function sizeOfFolder(path: string): Promise<number> {
  const sizes = (await readdir(path)).map(async (file) => (await stat(join(path, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
