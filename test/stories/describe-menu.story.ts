import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '"Describe this image" works on any message, also on those that were passed on',
  on: 'messengers',
  async tell({ chat }) {
    const posted = await chat.post('Look!', { by: 'Ben', pictures: [bat] });
    const answer = await (await posted.choose('Describe this image')).answer();
    expect(answer.text).toMatch(/^The image shows a bat/);
    const passedOn = await chat.post('', { by: 'Ben', in: 'elsewhere', forwards: posted });
    const second = await (await passedOn.choose('Describe this image')).answer();
    expect(second.text).toMatch(/^The image shows a bat/);
  },
};
