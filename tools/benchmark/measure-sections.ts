import type { BenchmarkOptions, BenchmarkShape, Section } from './arguments.js';
import type { Candidate } from './candidate.js';
import { fullRoom, prepareOwnCandidates, preparePeers, prepareServerCandidates } from './candidates.js';
import type { RunningContender } from './contenders/running-contender.js';
import { measureMemory } from './measure-memory.js';
import type { BenchmarkProgress } from './report/progress.js';
import type { RowCollector } from './report/results.js';
import { exercisesOf, roundsOf } from './sections.js';

/**
 * Measures what was asked for. The server has a stage of its own, as its model is in memory twice there.
 * @param onMissing hears, in a sentence, why a peer is left out
 */
export async function measureSections(
  options: BenchmarkOptions,
  rows: RowCollector,
  progress: BenchmarkProgress,
  onMissing: (sentence: string) => void,
  interruption: AbortSignal,
): Promise<void> {
  const { only, contenders, shape, withoutPeers } = options;
  const engineSections = only.filter((section) => section !== 'server');
  if (engineSections.length > 0) {
    const hasPeers = !withoutPeers && shapesOfPeers.has(shape) && engineSections.some(isOfText);
    const isWanted = ({ name }: Candidate) => contenders?.some((part) => name.includes(part)) ?? true;
    const own = (await prepareOwnCandidates(options, progress)).filter(isWanted);
    const peers = hasPeers ? (await preparePeers(options, progress, onMissing)).filter(isWanted) : [];
    if (only.includes('memory')) await measureMemory([...own, ...peers], rows);
    for (const together of stagesOf(shape, own, peers)) {
      await onStage(together, options, engineSections, rows, progress, interruption);
    }
  }
  if (only.includes('server')) {
    const served = await prepareServerCandidates(options, progress);
    await onStage(served, options, ['server'], rows, progress, interruption);
  }
}

/** Who is loaded at the same time and takes turns. At 7B no more than two fit into 24 GB. */
function stagesOf(
  shape: BenchmarkShape,
  own: readonly Candidate[],
  peers: readonly Candidate[],
): readonly Candidate[][] {
  if (shape !== '7b') return [[...own, ...peers]];
  const pairs = Math.max(own.length, peers.length);
  return Array.from({ length: pairs }, (_, index) => [
    ...own.slice(index, index + 1),
    ...peers.slice(index, index + 1),
  ]);
}

/** Shapes whose decoder is worth comparing and fits Q4_0, whose rows are whole blocks of 32. */
const shapesOfPeers: ReadonlySet<BenchmarkShape> = new Set(['tinyllama', '7b']);

/** Peers read texts only. */
const isOfText = (section: Section) => section !== 'encode';

/** Starts the candidates, measures sections with all of them, and stops them. */
async function onStage(
  candidates: readonly Candidate[],
  options: BenchmarkOptions,
  sections: readonly Section[],
  rows: RowCollector,
  progress: BenchmarkProgress,
  interruption: AbortSignal,
): Promise<void> {
  const wanted = sections.filter((section) => exercisesOf(section, options.shape).length > 0);
  if (wanted.length === 0) return;
  const contenders: RunningContender[] = [];
  try {
    for (const candidate of candidates) contenders.push(await candidate.start(fullRoom(options)));
    for (const section of wanted) {
      await measureSection(section, options, contenders, rows, progress, interruption);
    }
  } finally {
    for (const contender of contenders) await contender.stop();
  }
}

/** Lets the contenders take turns at every exercise, round after round: A B C A B C … */
async function measureSection(
  section: Section,
  { shape }: BenchmarkOptions,
  contenders: readonly RunningContender[],
  rows: RowCollector,
  progress: BenchmarkProgress,
  interruption: AbortSignal,
): Promise<void> {
  const rounds = roundsOf(section, shape);
  for (const exercise of exercisesOf(section, shape)) {
    const able = contenders.filter((contender) => contender.can(exercise));
    let done = 0;
    // The first round finds caches cold and clocks low; it is not counted.
    for (let round = -1; round < rounds; round++) {
      for (const contender of able) {
        interruption.throwIfAborted();
        progress.measuring(section, contender.name, done++, (rounds + 1) * able.length);
        const readings = await contender.perform(exercise);
        if (round < 0) continue;
        for (const reading of readings) {
          rows.add(section, contender.name, { ...reading, name: nameIn(section, reading.name) });
        }
      }
    }
  }
}

/** Two sections measure the same with different contenders; a row's name says which it is of. */
function nameIn(section: Section, name: string): string {
  return section === 'server' ? `end to end: ${name}` : name;
}
