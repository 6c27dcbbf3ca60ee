import { direct } from './chat-platform.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'whatever the model says, it rings at nobody',
  on: 'messengers',
  async tell({ chat, model }) {
    const ben = chat.idOf('Ben');
    for (const place of ['general', direct]) {
      model.speak().say('@everyone <', '!channel> <@', `${ben}> `, `<@${ben}> <!here|here>`).end();
      const answer = await (await chat.ask('Call everybody.', { in: place })).answer();
      expect(answer.pinged).toEqual([]);
      expect(answer.text).toContain('everyone');
    }
  },
};
