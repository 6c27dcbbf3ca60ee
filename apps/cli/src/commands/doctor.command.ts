import type { Command } from 'commander';

import { loadVariables } from '#libs/start-up';

import { printResult, printText } from '../console/output.js';
import { describeAccounts, describeExamination } from '../doctor/describe.js';
import { examine } from '../doctor/examine.js';
import { examineAccounts } from '../doctor/examine-accounts.js';

interface DoctorOptions {
  readonly json?: boolean;
  readonly tokens?: boolean;
}

export function define(command: Command): void {
  command
    .option('--json', 'print the findings as JSON')
    .option(
      '--tokens',
      'log in to Discord and Slack with the tokens that are set, and say what is missing there',
    )
    .addHelpText(
      'after',
      `
Looks at Node, processor, memory, disk, GPUs, ONNX Runtime and its CUDA libraries, ports, model packages and which
secrets are set (never at their values), and tries each device with a small computation. Changes nothing.
--tokens asks Discord and Slack instead: whether they accept the tokens, the link that adds the bot to a server, servers,
missing permissions, intents and scopes. The bot does not come online by it.

Examples:
  doctor
  doctor --tokens
  doctor --json`,
    )
    .action(run);
}

async function run({ json, tokens }: DoctorOptions): Promise<void> {
  const variables = loadVariables();
  if (tokens) {
    const accounts = await examineAccounts(variables);
    if (json) printResult(accounts);
    else printText(describeAccounts(accounts));
    if (accounts.some(({ good }) => !good)) process.exitCode = 1;
    return;
  }
  const examination = await examine(variables);
  if (json) printResult(examination);
  else printText(describeExamination(examination));
}
