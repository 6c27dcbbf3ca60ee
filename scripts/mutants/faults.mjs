import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

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
    .filter((name) => /(?<!\.spec|\.d)\.ts$/.test(name))
    .sort();
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many of the faults that the files of some paths offer, drawn by chance, in the order of the files. */
export function drawFaults(paths, most, seed) {
  const random = randomOf(seed);
  return paths
    .flatMap(sourcesBelow)
    .flatMap(faultsIn)
    .map((fault, place) => ({ fault, place, lot: random() }))
    .sort((one, other) => one.lot - other.lot)
    .slice(0, most)
    .sort((one, other) => one.place - other.place)
    .map(({ fault }) => fault);
}

export async function withFault({ file, start, end, text }, run) {
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, original.slice(0, start) + text + original.slice(end));
  try {
    return await run();
  } finally {
    writeFileSync(file, original);
  }
}
