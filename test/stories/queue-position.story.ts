import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'how many questions are ahead is shown while the model is busy',
  on: 'everywhere',
  async tell({ chat, model }) {
    const wait = model.queueBehind(3);
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('the place in the queue', ({ shown }) =>
      shown.includes('3 questions are ahead of yours.'),
    );
    wait.end();
    expect((await question.answer()).text).toBe('It is a bat.');
  },
};
