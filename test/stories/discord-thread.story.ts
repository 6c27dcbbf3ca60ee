import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a thread is a conversation, with the message it starts from',
  on: 'discord',
  config: { discord: { readMessageContent: true } },
  async tell({ chat, model }) {
    const start = await chat.post('Look what I found.', { by: 'Ben', pictures: [oyster] });
    const thread = chat.openThread(start, 'What may it be?');
    await (await chat.ask('What is this?', { in: thread })).answer();
    const second = await (
      await chat.ask('What is the background color?', { by: 'Ben', in: thread })
    ).answer();
    expect(second.text).toBe('The background is black.');
    expect(model.prompts.at(-1)).toMatch(
      /Look what I found\..*What is this\?.*It is an oyster\..*What is the background color\?/s,
    );
  },
};
