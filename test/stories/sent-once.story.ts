import { bat, unique } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a picture is sent to the model server once, and then only named by its digest',
  on: 'everywhere',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [unique(bat)] })).answer();
    const requests = model.requests.length;
    await (await first.followUp('How big is it?')).answer();
    const images = model.requests
      .slice(requests)
      .flatMap(({ segments }) => segments)
      .flatMap((segment) => (segment.kind === 'image' ? [segment.image.kind] : []));
    expect(images).toEqual(['digest']);
  },
};
