import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'alt text is never longer than what can be pasted',
  on: 'everywhere',
  async tell({ chat, model }) {
    model.speak().say('A bat with wings. '.repeat(200)).end();
    const { text } = await (await chat.altText(bat)).answer();
    expect(text.length).toBeLessThanOrEqual(chat.altTextLength);
    expect(text).toMatch(/^A bat with wings\..*wings\.$/);
  },
};
