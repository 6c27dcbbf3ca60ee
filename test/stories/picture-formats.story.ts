import { batAs } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'PNG, JPEG, WebP, GIF and AVIF are read alike',
  on: 'everywhere',
  async tell({ chat }) {
    const formats = ['png', 'jpeg', 'webp', 'gif', 'avif'] as const;
    const answers = await Promise.all(
      formats.map(async (format) => {
        const pictures = [await batAs(format)];
        return (await chat.ask('What is this?', { pictures, in: format })).answer();
      }),
    );
    expect(answers.map(({ text }) => text)).toEqual(formats.map(() => 'It is a bat.'));
  },
};
