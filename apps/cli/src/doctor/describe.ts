import { formatBytes } from '../console/format.js';
import type { DeviceFinding, Examination, Fit } from './examination.js';
import type { AccountFinding } from './examine-accounts.js';

const line = (good: boolean, subject: string, sentence: string) =>
  `${good ? '✓' : '✗'} ${subject.padEnd(11)} ${sentence}`;

/** The examination in plain words: what is there, what is missing, what runs, and what to do next. */
export function describeExamination(examination: Examination): string {
  return [
    ...describeMachine(examination),
    '',
    ...describeModels(examination),
    '',
    ...describeNextStep(examination),
  ]
    .join('\n')
    .concat('\n');
}

/** What Discord and Slack say of the tokens, a line each. */
export const describeAccounts = (findings: readonly AccountFinding[]) =>
  findings.map(({ platform, good, sentence }) => `${line(good, platform, sentence)}\n`).join('');

function describeMachine({
  node,
  system,
  processor,
  memory,
  disk,
  onnxruntime,
  devices,
  ports,
  secrets,
}: Examination): string[] {
  const instructions = processor.instructions.join(', ') || 'instructions unknown';
  const fast = processor.instructions.some((name) => /vnni|asimddp|i8mm/.test(name));
  const set = Object.keys(secrets).filter((name) => secrets[name]);
  return [
    line(
      node.supported,
      'Node',
      node.supported ? node.version : `${node.version} is too old: 20.19 or later is needed.`,
    ),
    line(true, 'System', `${system.platform} on ${system.processor}${withLibrary(system)}.`),
    line(
      true,
      'Processor',
      `${processor.model}, ${processor.threads} threads (${instructions})${fast ? '' : '. Without VNNI, int4 is slower than it could be'}.`,
    ),
    line(
      true,
      'Memory',
      `${formatBytes(memory.available_bytes)} of ${formatBytes(memory.total_bytes)} are available.`,
    ),
    line(true, 'Disk', `${formatBytes(disk.free_bytes)} are free in ${disk.folder}.`),
    line(
      true,
      'Runtime',
      `ONNX Runtime ${onnxruntime.version}, made for ${onnxruntime.providers.join(', ')}.`,
    ),
    line(devices.cpu.usable, 'cpu', 'can be used.'),
    deviceLine('webgpu', devices.webgpu),
    ...vulkanLine(devices.webgpu.vulkan),
    deviceLine('cuda', devices.cuda),
    ...devices.cuda.gpus.map(({ name, memoryBytes, freeMemoryBytes, driver }) =>
      line(
        true,
        'GPU',
        `${name}, ${formatBytes(freeMemoryBytes)} of ${formatBytes(memoryBytes)} free, driver ${driver}.`,
      ),
    ),
    ...ports.map(({ variable, port, free }) =>
      line(
        free,
        'Port',
        free
          ? `${port} (${variable}) is free.`
          : `${port} (${variable}) is in use: set ${variable} to another one, or is the program running already?`,
      ),
    ),
    line(
      true,
      'Secrets',
      set.length > 0 ? `${set.join(', ')} are set.` : 'none is set; the web page needs none.',
    ),
  ];
}

const withLibrary = ({ glibc }: Examination['system']) =>
  glibc === undefined ? '' : ` with glibc ${glibc} (2.28 or later is needed)`;

function vulkanLine(vulkan: Examination['devices']['webgpu']['vulkan']): string[] {
  if (!vulkan) return [];
  const { drivers } = vulkan;
  return [
    line(
      drivers.length > 0,
      'Vulkan',
      drivers.length > 0 ? `drivers: ${drivers.join(', ')}.` : 'no driver is installed.',
    ),
  ];
}

function deviceLine(device: string, { usable, problems }: DeviceFinding): string {
  return line(
    usable,
    device,
    usable ? 'can be used; a trial run gave the right results.' : problems.join('\n              '),
  );
}

function describeModels({ models, fits }: Examination): string[] {
  const found = models.map(
    ({ folder, name, weights, needed_bytes }) =>
      `  ${folder}: ${name}, ${weights}, needs ${formatBytes(needed_bytes)}`,
  );
  const published = fits.map(
    ({ model, weights, visionEncoder, needed_bytes, devices }) =>
      `  ${model.padEnd(24)} ${weightsOf(weights, visionEncoder).padEnd(18)} needs ${formatBytes(needed_bytes).padStart(8)}  ${devices.length > 0 ? `fits: ${devices.join(', ')}` : 'does not fit'}`,
  );
  return [
    'Model packages here:',
    ...found,
    '',
    'Published models, with one slot of a picture and 1024 tokens:',
    ...published,
  ];
}

const weightsOf = (weights: Fit['weights'], visionEncoder: Fit['visionEncoder']) =>
  weights === visionEncoder ? weights : `${weights}, encoder ${visionEncoder}`;

/** What a model should leave free: for the system, the bot, and files that are read again and again. */
const RESERVED_BYTES = 1.5e9;

/** The first that fits with room to spare, else the first that fits at all; on a GPU where there is one. */
function recommend({ fits, memory, devices }: Examination): Fit | undefined {
  const usable = fits.filter((fit) => fit.devices.some((device) => devices[device].usable));
  const onGpu = (fit: Fit) => devices.cuda.usable && fit.devices.includes('cuda');
  const withRoom = ({ needed_bytes }: Fit) => needed_bytes + RESERVED_BYTES <= memory.available_bytes;
  return (
    usable.find((fit) => onGpu(fit) && fit.visionEncoder === 'float32') ??
    usable.find(onGpu) ??
    usable.find(withRoom) ??
    usable.toSorted((a, b) => a.needed_bytes - b.needed_bytes)[0]
  );
}

function describeNextStep(examination: Examination): string[] {
  const best = recommend(examination);
  if (!best) {
    return ['No published model fits here. The embedded one always does: "npm start".'];
  }
  const device = examination.devices.cuda.usable && best.devices.includes('cuda') ? 'cuda' : 'cpu';
  const encoderOption = best.visionEncoder === 'float32' ? ' --quantize-encoder none' : '';
  const { memory, fits } = examination;
  const rows = fits.find(
    ({ model, weights, needed_bytes }) =>
      model === best.model && weights === 'int8' && needed_bytes + RESERVED_BYTES <= memory.available_bytes,
  );
  return [
    `A good choice here is ${best.model} with ${weightsOf(best.weights, best.visionEncoder)} weights on ${device}:`,
    `  npm run --silent cli -- pull ${best.model} --quantize ${best.weights === 'float32' ? 'none' : best.weights}${encoderOption} --out packages/${best.model} --accept-license`,
    `  DEVICE=${device} MODEL_PATH=packages/${best.model} npm start`,
    ...(device === 'cpu' && best.weights === 'int4' && rows
      ? [
          `With --quantize int8 it needs ${formatBytes(rows.needed_bytes)}, is nearer to float32 and reads prompts faster, but writes a lone reply more slowly.`,
        ]
      : []),
  ];
}
