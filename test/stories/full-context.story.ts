import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'what no longer fits the model is left out from the beginning, which is said',
  on: 'everywhere',
  config: { answers: { maxNewTokens: 8 } },
  async tell({ chat, model }) {
    const long = (name: string) => `${name} ${'💥'.repeat(300)}`;
    const first = await (await chat.ask(long('One'))).answer();
    const second = await (await first.followUp(long('Two'))).answer();
    const third = await (await second.followUp('What is this?', { pictures: [bat] })).answer();
    expect(third.remarks).toContain('The beginning of this conversation no longer fits and was left out.');
    expect(model.prompts.at(-1)).not.toContain('One');
  },
};
