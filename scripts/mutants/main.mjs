// npm run mutants -- PATH… [--specs PATH]… [--most N] [--seed N] [--minutes N]: puts small faults into source files, one at a
// time, and lists those that no spec notices. docs/testing.md says how to read it.
import { dirname } from 'node:path';
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

const named = values.specs.length > 0 ? listSpecs(values.specs) : undefined;
const specsOf = new Map();
/** The specs of a room, which may run a file in a thread or a process of their own and so need not import it. */
function specsOfRoom(file) {
  const room = /^(libs\/[^/]+|apps\/[^/]+\/src\/[^/]+)\//.exec(file)?.[0] ?? dirname(file);
  if (!specsOf.has(room)) specsOf.set(room, listSpecs([room]));
  return specsOf.get(room);
}

/** The order in which specs are tried, quick ones first: a file's neighbours, its room's, and those named or that import it. */
const roundsOf = new Map(
  files.map((file) => {
    const room = specsOfRoom(file);
    const beside = room.filter((spec) => dirname(spec) === dirname(file));
    const elsewhere = named ?? listSpecs(['--findRelatedTests', file]);
    return [
      file,
      [
        beside,
        room.filter((spec) => !beside.includes(spec)),
        elsewhere.filter((spec) => !room.includes(spec)),
      ],
    ];
  }),
);

// What a round of all specs takes without a fault bounds a round with one.
const limits = [];
for (const round of [0, 1, 2]) {
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
