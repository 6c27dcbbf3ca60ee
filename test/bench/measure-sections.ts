import type { BenchmarkOptions, Section } from './arguments.js';
import type { Candidate } from './candidate.js';
import { fullRoom, prepareCandidates, prepareServerCandidates } from './candidates.js';
import type { RunningContender } from './contenders/running-contender.js';
import { measureMemory } from './measure-memory.js';
import type { BenchmarkProgress } from './report/progress.js';
import type { RowCollector } from './report/results.js';
import { exercisesOf, roundsOf } from './sections.js';

/** Measures what was asked for. The server has a stage of its own, as its model is in memory twice there. */
export async function measureSections(
  options: BenchmarkOptions,
  rows: RowCollector,
  progress: BenchmarkProgress,
): Promise<void> {
  const { only } = options;
  const candidates = await prepareCandidates(options, progress);
  if (only.includes('memory')) await measureMemory(candidates, rows);
  const engineSections = only.filter((section) => section !== 'server' && section !== 'memory');
  await onStage(candidates, options, engineSections, rows, progress);
  if (only.includes('server')) {
    await onStage(await prepareServerCandidates(options, progress), options, ['server'], rows, progress);
  }
}

/** Starts the candidates, measures sections with all of them, and stops them. */
async function onStage(
  candidates: readonly Candidate[],
  options: BenchmarkOptions,
  sections: readonly Section[],
  rows: RowCollector,
  progress: BenchmarkProgress,
): Promise<void> {
  const wanted = sections.filter((section) => exercisesOf(section, options.shape).length > 0);
  if (wanted.length === 0) return;
  const contenders: RunningContender[] = [];
  try {
    for (const candidate of candidates) contenders.push(await candidate.start(fullRoom(options)));
    for (const section of wanted) await measureSection(section, options, contenders, rows, progress);
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
): Promise<void> {
  const rounds = roundsOf[section];
  for (const exercise of exercisesOf(section, shape)) {
    const able = contenders.filter((contender) => contender.can(exercise));
    let done = 0;
    // The first round finds caches cold and clocks low; it is not counted.
    for (let round = -1; round < rounds; round++) {
      for (const contender of able) {
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
