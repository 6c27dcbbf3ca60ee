import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the conversation with the app suggests what to ask, and says in a status that the bot looks',
  on: 'slack',
  async tell({ chat }) {
    const ada = chat.person('Ada');
    const { id } = await ada.openMessages();
    const suggested = await chat.workspace.until(
      'suggestions',
      () => chat.slack.assistantThreads.get(`${id} `)?.suggestedPrompts,
    );
    expect(suggested.map(({ title }) => title)).toContain('Describe my latest picture');
    const asked = await ada.directMessage({ text: 'What is this?', files: [toFile(bat)] });
    expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is a bat.');
    expect(chat.slack.assistantThreads.get(`${id} ${asked.ts}`)?.statuses).toContain('Looking…');
  },
};
