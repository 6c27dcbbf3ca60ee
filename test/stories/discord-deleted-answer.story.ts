import { eventually } from '../support/eventually.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'deleting a growing answer cancels it on the model server',
  on: 'discord',
  async tell({ chat, model }) {
    const speech = model.speak().say('It is a');
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('the first words are there', ({ text }) => text === 'It is a');
    const { board, state } = chat.discord;
    const answer = [...state.messages.values()].find(({ authorId }) => authorId === state.botUser.id)!;
    board.delete(answer, chat.bot.guild.ownerId);
    speech.say(' bat');
    await eventually(() => model.cancelled === 1);
  },
};
