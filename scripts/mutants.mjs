// npm run mutants -- PATH… [--specs PATH]… [--most N] [--minutes N]: puts small faults into source files, one at a time, and lists
// those that no spec notices. docs/testing.md says how to read it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import ts from 'typescript';

import { compile } from './compile.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
// Ctrl-C ends the specs, which counts as the end of the time: the file under test is put back first.
process.on('SIGINT', () => {});
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    specs: { type: 'string', multiple: true, default: [] },
    most: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '30' },
  },
});
if (positionals.length === 0) {
  console.error('usage: npm run mutants -- PATH… [--specs PATH]… [--most N] [--minutes N]');
  process.exit(2);
}

const { SyntaxKind: kind } = ts;
const otherOperator = new Map([
  [kind.LessThanToken, '<='],
  [kind.LessThanEqualsToken, '<'],
  [kind.GreaterThanToken, '>='],
  [kind.GreaterThanEqualsToken, '>'],
  [kind.EqualsEqualsEqualsToken, '!=='],
  [kind.ExclamationEqualsEqualsToken, '==='],
  [kind.AmpersandAmpersandToken, '||'],
  [kind.BarBarToken, '&&'],
  [kind.PlusToken, '-'],
  [kind.MinusToken, '+'],
  [kind.AsteriskToken, '/'],
  [kind.SlashToken, '*'],
]);
const otherMethod = { some: 'every', every: 'some', min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' };

/** The small faults that one node of a syntax tree offers, as replacements of its text. */
function faultsAt(node, source) {
  const replace = (part, text) => ({ start: part.getStart(source), end: part.end, text });
  if (ts.isBinaryExpression(node) && otherOperator.has(node.operatorToken.kind)) {
    return [replace(node.operatorToken, otherOperator.get(node.operatorToken.kind))];
  }
  if (node.kind === kind.TrueKeyword) return [replace(node, 'false')];
  if (node.kind === kind.FalseKeyword) return [replace(node, 'true')];
  if (ts.isIfStatement(node)) return [replace(node.expression, 'false')];
  if (ts.isPrefixUnaryExpression(node) && node.operator === kind.ExclamationToken) {
    return [replace(node, node.operand.getText(source))];
  }
  if (ts.isNumericLiteral(node)) return [replace(node, String(Number(node.text) + 1))];
  if (ts.isPropertyAccessExpression(node) && Object.hasOwn(otherMethod, node.name.text)) {
    return [replace(node.name, otherMethod[node.name.text])];
  }
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [replace(node, ';')];
  return [];
}

function faultsIn(file) {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const faults = [];
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    for (const fault of faultsAt(node, source)) {
      const { line } = source.getLineAndCharacterOfPosition(fault.start);
      faults.push({ ...fault, file, line: line + 1, was: text.slice(fault.start, fault.end) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return faults;
}

function sourcesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => /(?<!\.spec|\.d)\.ts$/.test(name));
}

/** Runs the specs that import a file, or that were named. Undefined when the time is over first. */
function specsPass(file) {
  const chosen = values.specs.length > 0 ? values.specs : ['--findRelatedTests', file];
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--bail',
    '--silent',
  ];
  const { status } = spawnSync(process.execPath, [...jest, ...chosen], {
    cwd: repository,
    stdio: 'ignore',
    timeout: Math.max(1, end - Date.now()),
  });
  return status === null ? undefined : status === 0;
}

function withFault({ file, start, end, text }, run) {
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, original.slice(0, start) + text + original.slice(end));
  try {
    return run();
  } finally {
    writeFileSync(file, original);
  }
}

/** Evenly spread over all, so that a bound on their number leaves no file out. */
function spread(faults, most) {
  if (faults.length <= most) return faults;
  return Array.from({ length: most }, (_, index) => faults[Math.floor((index * faults.length) / most)]);
}

const files = positionals.flatMap(sourcesBelow);
const faults = spread(files.flatMap(faultsIn), Number(values.most));
const end = Date.now() + Number(values.minutes) * 60_000;

const withFaults = [...new Set(faults.map(({ file }) => file))];
// Named specs are the same for all files. Those that the end of the time breaks off did not fail.
const judged = values.specs.length > 0 ? withFaults.slice(0, 1) : withFaults;
const failing = judged.filter((file) => specsPass(file) === false);
if (failing.length > 0) {
  console.error(`The specs fail without any fault: ${failing.join(', ')}`);
  process.exit(2);
}

const survivors = [];
let tried = 0;
for (const fault of faults) {
  const passed = withFault(fault, () => specsPass(fault.file));
  if (passed === undefined) break;
  if (passed) survivors.push(fault);
  tried++;
}
// Nothing of the last fault may stay in dist/.
await compile(['apps', 'libs']);

const shorten = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 60);
console.log(`${tried - survivors.length} of ${tried} faults were noticed (${faults.length} chosen).\n`);
if (survivors.length > 0) console.log('| not noticed at | was | became |\n|---|---|---|');
for (const { file, line, was, text } of survivors) {
  console.log(
    `| ${relative(repository, join(process.cwd(), file))}:${line} | \`${shorten(was)}\` | \`${shorten(text)}\` |`,
  );
}
