import { discordLook, drawRecording, slackLook } from '../../tools/recordings/draw-recording.js';
import { recordDiscord } from '../../tools/recordings/record-discord.js';
import { recordSlack } from '../../tools/recordings/record-slack.js';
import { takePicture } from '../../tools/recordings/take-picture.js';
import type { Messenger } from './chat-platform.js';
import { lobsterAndTulip } from './pictures.js';
import { DiscordChat } from './platforms/discord-chat.js';
import { SlackChat } from './platforms/slack-chat.js';
import type { Story } from './story.js';

const channel = 'pictures';

/** The conversation that the README shows. Its pictures are only taken anew when asked for. */
export const story: Story = {
  title: 'two people ask about a picture, and one of them takes its alt text along',
  on: 'messengers',
  async tell({ chat }) {
    const pictures = [lobsterAndTulip];
    const question = await chat.ask('Describe this image in detail.', { pictures, in: channel });
    const first = await question.answer();
    expect(first.text).toMatch(/^The image shows a lobster on the left and a tulip on the right\./);
    const second = await (await first.followUp('What is on the right?', { by: 'Ben' })).answer();
    expect(second.text).toBe('On the right there is a tulip.');
    const altText = await (await question.message().choose('Alt text')).answer();
    expect(altText.text).toBe('A lobster next to a tulip on a pink background.');

    const drawn = draw(chat);
    for (const { text } of [first, second, altText]) expect(drawn).toContain(text);
    if (process.env.UPDATE_SCREENSHOTS === '1') await takePicture(drawn, `docs/recordings/${chat.name}.png`);
  },
};

function draw(chat: Messenger): string {
  if (chat instanceof DiscordChat) return drawRecording(recordDiscord(chat, channel), discordLook);
  if (chat instanceof SlackChat) return drawRecording(recordSlack(chat, channel), slackLook);
  throw new Error(`Nobody has said yet what ${chat.name} looks like.`);
}
