import { setTimeout as sleep } from 'node:timers/promises';

import { patienceMs } from '../../test-servers/time/patience.js';

/**
 * Waits until a condition holds.
 * @throws Error that shows the condition when it still does not hold in the end
 */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const waitedInVain = new Error(`Waited ${patienceMs / 1_000} s in vain until: ${condition}`);
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) throw waitedInVain;
    await sleep(5);
  }
}

/**
 * Repeats an assertion about what becomes true a moment later, as a page's text after a click does.
 * @throws its failure when it still fails after minutes
 */
export async function eventuallyPasses(assertion: () => Promise<void>): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await assertion();
    } catch (failure) {
      if (performance.now() > end) throw failure;
      await sleep(5);
    }
  }
}
