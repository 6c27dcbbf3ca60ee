import { oyster } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '/describe alone where there is no picture opens a modal to upload one',
  on: 'slack',
  async tell({ chat }) {
    const ada = chat.person('Ada');
    const question = await chat.slash('/describe', '');
    await chat.workspace.until('a modal', () => ada.modal);
    expect(ada.modal?.title).toBe('Describe a picture');
    expect(await ada.submitModal({ text: 'What is this?', files: [toFile(oyster)] })).toEqual({});
    const answer = await question.answer();
    expect(answer.text).toBe('It is an oyster.');
    expect(answer.shown).toContain('asked: What is this?');
  },
};
