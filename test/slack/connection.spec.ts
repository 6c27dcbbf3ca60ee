import type { LoggerService } from '@nestjs/common';

import { SlackServer } from '../../test-servers/slack/index.js';
import { eventually } from '../support/eventually.js';
import { runInThisProcess } from '../support/running-bot.js';
import { manifestPath, slackEnvironment } from './slack-bot.js';
import { isFinished, startStory } from './story.js';

/** What the operator reads. */
class Console implements LoggerService {
  readonly lines: string[] = [];
  log = (message: unknown) => this.lines.push(String(message));
  warn = this.log;
  error = this.log;
}

describe('the connection to Slack', () => {
  it('is made again after an outage of Slack, which ends nothing else', async () => {
    const story = await startStory({ asProcess: true });
    const { slack, workspace, ada, channel, engine } = story;
    const isSaid = (part: string) => story.console().some((line) => line.includes(part));
    try {
      await eventually(() => isSaid('Slack is on: answering in'));
      const endOutage = await slack.breakDown();
      await eventually(() => isSaid('Failed to retrieve'));
      await endOutage();
      await workspace.until('the bot to be back', () => slack.sockets.connections === 1);
      await ada.mention(channel, { text: 'Are you there?' });
      engine.say('Yes.');
      engine.end();
      await story.reply('the answer', channel, (line) => line.text.startsWith('Yes.') && isFinished(line));
    } finally {
      await story.close();
    }
  });

  it.each([
    ['SLACK_BOT_TOKEN', 'xoxb-not-the-token', /SLACK_BOT_TOKEN \(invalid_auth\)\. Copy the Bot User OAuth/],
    ['SLACK_APP_TOKEN', 'xapp-not-the-token', /SLACK_APP_TOKEN \(invalid_auth\)\. Create an app-level token/],
  ])(
    'is not there with a %s that Slack refuses, which is said; the rest works',
    async (name, token, said) => {
      const slack = await SlackServer.start(manifestPath);
      const logger = new Console();
      const variables = { ...slackEnvironment(slack, 'socket', 0), [name]: token, WEB_PORT: '0' };
      const bot = await runInThisProcess(variables, {}, logger);
      try {
        expect(logger.lines.filter((line) => said.test(line))).toHaveLength(1);
        expect((await fetch(bot.address)).status).toBe(200);
      } finally {
        await bot.end();
        await slack.close();
      }
    },
  );
});
