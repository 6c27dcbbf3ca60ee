import { type APIMessageTopLevelComponent, ComponentType } from 'discord.js';

import { direct } from './chat-platform.js';
import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    'pictures that other bots show in galleries, thumbnails and files are looked at wherever a message is met',
  on: 'discord',
  config: { discord: { readMessageContent: true } },
  async tell({ chat }) {
    const media = { url: await chat.publish(oyster) };
    const text = { type: ComponentType.TextDisplay, content: 'Found this.' } as const;
    const gallery: APIMessageTopLevelComponent = { type: ComponentType.MediaGallery, items: [{ media }] };
    const thumbnail: APIMessageTopLevelComponent = {
      type: ComponentType.Container,
      components: [
        {
          type: ComponentType.Section,
          components: [text],
          accessory: { type: ComponentType.Thumbnail, media },
        },
      ],
    };
    // A later picture of somebody else, which is not what is asked about.
    for (const components of [[gallery], [thumbnail]]) {
      const shown = await chat.show(components);
      await chat.post('Mine!', { pictures: [bat] });
      expect((await (await shown.askAbout('What is this?')).answer()).text).toBe('It is an oyster.');
    }
    const shown = await chat.show([gallery]);
    expect((await (await shown.choose('Describe this image')).answer()).text).toContain('oyster');
    const forwarded = await (await chat.ask('', { in: direct, forwards: shown })).answer();
    expect(forwarded.text).toContain('oyster');
    // An address that breaks the rules takes no other picture with it.
    const odd = { url: 'https://pictures.invalid/100%.png' };
    const mixed = await chat.show([{ type: ComponentType.MediaGallery, items: [{ media: odd }, { media }] }]);
    const answer = await (await mixed.askAbout('What is this?')).answer();
    expect(answer.text).toBe('It is an oyster.');
    expect(answer.remarks.join()).toContain('100%.png');
  },
};
