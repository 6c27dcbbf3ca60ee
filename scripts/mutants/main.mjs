// npm run mutants -- PATH… [--specs PATH]… [--most N] [--seed N] [--minutes N]: puts small faults into source files, one at a
// time, and lists those that no spec notices. docs/testing.md says how to read it.
import { parseArgs } from 'node:util';

import { compile } from '../compile.mjs';
import { drawFaults, withFault } from './faults.mjs';
import { listSpecs, passes } from './specs.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    specs: { type: 'string', multiple: true, default: [] },
    most: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
  },
});
if (positionals.length === 0) {
  console.error(
    'usage: npm run mutants -- PATH… [--specs PATH]… [--most N] [--seed N] [--minutes N], from the repository',
  );
  process.exit(2);
}

// Ctrl-C counts as the end of the time: the file under test is put back.
const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
const over = AbortSignal.any([interrupted.signal, AbortSignal.timeout(Number(values.minutes) * 60_000)]);

const faults = drawFaults(positionals, Number(values.most), Number(values.seed));
const files = [...new Set(faults.map(({ file }) => file))];
const roomOf = (file) => file.split('/', 2).join('/');

/** Of each file the specs that import it: first those of its own room, which are quick, then the others, or the named ones. */
const named = values.specs.length > 0 ? listSpecs(values.specs) : undefined;
const roundsOf = new Map(
  files.map((file) => {
    const related = listSpecs(['--findRelatedTests', file]);
    const near = related.filter((spec) => roomOf(spec) === roomOf(file));
    return [file, [near, (named ?? related).filter((spec) => !near.includes(spec))]];
  }),
);

// What a round of all specs takes without a fault bounds a round with one.
const limits = [];
for (const round of [0, 1]) {
  const specs = [...new Set([...roundsOf.values()].flatMap((rounds) => rounds[round]))];
  const start = performance.now();
  if ((await passes(specs, over)) === false) {
    console.error(`Some of these specs fail without any fault: ${specs.join(', ')}`);
    process.exit(2);
  }
  limits.push(Math.ceil(2 * (performance.now() - start)) + 30_000);
}

/** Whether a spec fails, or takes far longer than without the fault; undefined when the time is over first. */
async function isNoticed(file) {
  for (const [round, specs] of roundsOf.get(file).entries()) {
    const passed = await passes(specs, AbortSignal.any([over, AbortSignal.timeout(limits[round])]));
    if (over.aborted) return undefined;
    if (!passed) return true;
  }
  return false;
}

const shorten = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 60);
const rowOf = ({ file, line, was, text }) =>
  `| ${file}:${line} | \`${shorten(was)}\` | \`${shorten(text)}\` |`;

const survivors = [];
let tried = 0;
for (const fault of faults) {
  const noticed = await withFault(fault, () => isNoticed(fault.file));
  if (noticed === undefined) break;
  tried++;
  if (!noticed) survivors.push(fault);
  console.error(`${tried}/${faults.length} ${noticed ? 'noticed' : 'SURVIVES'} ${rowOf(fault)}`);
}
// Nothing of the last fault may stay in dist/.
await compile(['apps', 'libs']);

console.log(
  `${tried - survivors.length} of ${tried} faults were noticed (${faults.length} drawn with seed ${values.seed}).\n`,
);
if (survivors.length > 0) console.log('| not noticed at | was | became |\n|---|---|---|');
for (const fault of survivors) console.log(rowOf(fault));
