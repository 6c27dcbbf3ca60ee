import { Command, CommandRunner, Help, Option } from 'nest-commander';

import { loadVariables } from '#libs/start-up';

import { printResult, printText } from '../console/output.js';
import { describeExamination } from '../doctor/describe.js';
import { examine } from '../doctor/examine.js';

interface DoctorOptions {
  readonly json?: boolean;
}

@Command({ name: 'doctor', description: 'Say what this machine can run, and what it lacks' })
export class DoctorCommand extends CommandRunner {
  async run(_arguments: string[], { json }: DoctorOptions): Promise<void> {
    const examination = await examine(loadVariables());
    if (json) printResult(examination);
    else printText(describeExamination(examination));
  }

  @Option({ flags: '--json', description: 'print the findings as JSON' })
  json(): boolean {
    return true;
  }

  @Help('after')
  examples(): string {
    return `
Looks at Node, processor, memory, disk, GPUs, ONNX Runtime and its CUDA libraries, ports, model packages and which
secrets are set (never at their values), and tries each device with a small computation. Changes nothing.

Examples:
  doctor
  doctor --json`;
  }
}
