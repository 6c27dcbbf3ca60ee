import { formatBytes } from '../console/format.js';
import type { Speed } from './measure-speed.js';

/** The measurements for people. */
export function describeSpeed({ prefill, decode, image_encode, start, memory_bytes }: Speed): string {
  const rates = (what: string, rateByTokens: Readonly<Record<string, number>>) =>
    Object.entries(rateByTokens).map(([tokens, rate]) => line(`${what} ${tokens}`, rate, 'tokens/s'));
  const lines = [
    ...rates('prompt of', prefill),
    ...rates('reply after', decode),
    line('picture', image_encode, 's'),
    line('start', start, 's'),
    `${'memory'.padEnd(18)} ${formatBytes(memory_bytes)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function line(what: string, value: number, unit: string): string {
  return `${what.padEnd(18)} ${Number(value.toPrecision(3))} ${unit}`;
}
