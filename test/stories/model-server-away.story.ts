import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a model server that is away is a plain sentence, and the next try works',
  on: 'everywhere',
  async tell({ chat, server }) {
    await server.goAway();
    const refused = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(refused.text).toBe('');
    expect(refused.remarks).toEqual(['The model is not running right now. Please try again in a minute.']);
    await server.comeBack();
    // The connection is tried again after a moment, not at once.
    let answer = refused;
    while (answer.text === '') answer = await (await answer.tryAgain()).answer();
    expect(answer.text).toBe('It is a bat.');
  },
};
