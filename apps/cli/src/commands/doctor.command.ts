import type { Command } from 'commander';

import { loadVariables } from '#libs/start-up';

import { printResult, printText } from '../console/output.js';
import { describeExamination } from '../doctor/describe.js';
import { examine } from '../doctor/examine.js';

interface DoctorOptions {
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Looks at Node, processor, memory, disk, GPUs, ONNX Runtime and its CUDA libraries, ports, model packages and which
secrets are set (never at their values), and tries each device with a small computation. Changes nothing.

Examples:
  doctor
  doctor --json`,
    )
    .action(run);
}

async function run({ json }: DoctorOptions): Promise<void> {
  const examination = await examine(loadVariables());
  if (json) printResult(examination);
  else printText(describeExamination(examination));
}
