import type { Command } from 'commander';

import { CodedError } from '#libs/errors';
import { loadVariables, repositoryRoot } from '#libs/start-up';

import { Dialogue, SetupCancelled } from '../setup/dialogue.js';
import { setUp } from '../setup/set-up.js';

export function define(command: Command): void {
  command
    .addHelpText(
      'after',
      `
Says what to click on Discord and Slack, checks each token as soon as you paste it, shows the link that adds the bot to a
server, and writes .env and, where you want it, bot.config.yaml. What is there already stays. Leave with Ctrl-C: nothing
is written before the end.

Example:
  setup`,
    )
    .action(run);
}

async function run(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new CodedError(
      'argument',
      'Nobody can be asked here. Run it in a terminal, or copy .env.example to .env and fill it in.',
    );
  const { DISCORD_API_URL, SLACK_API_URL } = loadVariables();
  try {
    await setUp(new Dialogue(process.stdin, process.stdout), {
      folder: repositoryRoot,
      discordApi: DISCORD_API_URL || undefined,
      slackApi: SLACK_API_URL || undefined,
    });
  } catch (error) {
    if (!(error instanceof SetupCancelled)) throw error;
    process.stderr.write('Nothing was written.\n');
    process.exitCode = 130;
  }
}
