import { bat, renamedText } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "the bot's warnings and buttons are no part of the conversation",
  on: 'messengers',
  async tell({ chat, model }) {
    const notice = await (await chat.ask('')).answer();
    const first = await (await notice.followUp('What is this?', { pictures: [renamedText, bat] })).answer();
    await (await first.followUp('How big is it?')).answer();
    const prompt = model.prompts.at(-1);
    expect(prompt).toMatch(/What is this\?.*It is a bat\..*How big is it\?/s);
    expect(prompt).not.toMatch(/Send me|not a picture|Try again|Looking|@/);
  },
};
