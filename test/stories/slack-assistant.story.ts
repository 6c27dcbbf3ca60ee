import { bat } from './pictures.js';
import { toFile } from './platforms/slack-chat.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the assistant view greets, suggests what to ask, and answers in its thread',
  on: 'slack',
  async tell({ chat, model }) {
    const ada = chat.person('Ada');
    const root = await ada.openAssistant();
    const view = await chat.workspace.until('suggestions', () => {
      const found = chat.slack.assistantThreads.get(`${root.channel} ${root.ts}`);
      return found !== undefined && found.suggestedPrompts.length > 0 && found;
    });
    expect(view.suggestedPrompts.map(({ title }) => title)).toContain('Describe my latest picture');
    const asked = await ada.directMessage({ text: 'What is this?', files: [toFile(bat)], thread: root });
    expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is a bat.');
    expect(model.prompts.at(-1)).not.toMatch(/New Assistant Thread|Send me a picture/);
  },
};
