import type { BenchmarkShape, Section } from './arguments.js';
import type { RunningContender } from './contenders/running-contender.js';
import { exercisesOf, roundsOf } from './exercises.js';
import type { BenchmarkProgress } from './report/progress.js';
import type { RowCollector } from './report/results.js';

/** Lets the contenders take turns at every exercise, round after round: A B C A B C … */
export async function measureSection(
  section: Section,
  shape: BenchmarkShape,
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
        for (const reading of readings) rows.add(section, contender.name, reading);
      }
    }
  }
}
