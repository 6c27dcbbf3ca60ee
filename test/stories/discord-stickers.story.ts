import { StickerFormatType } from 'discord.js';

import { batAs, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'stickers are looked at, but for those that a program draws, which are refused by name',
  on: 'discord',
  async tell({ chat }) {
    chat.discord.cdn.draw('stickers', '11', 'png', oyster.bytes);
    chat.discord.cdn.draw('stickers', '12', 'png', oyster.bytes);
    chat.discord.cdn.draw('stickers', '13', 'gif', (await batAs('gif')).bytes);
    const asked = async (id: string, format_type: StickerFormatType) => {
      const stickers = [{ id, name: 'Shelly', format_type }];
      return (await chat.ask('What is this?', { stickers })).answer();
    };
    expect((await asked('11', StickerFormatType.PNG)).text).toBe('It is an oyster.');
    expect((await asked('12', StickerFormatType.APNG)).text).toBe('It is an oyster.');
    expect((await asked('13', StickerFormatType.GIF)).text).toBe('It is a bat.');
    expect((await asked('14', StickerFormatType.Lottie)).shown).toMatch(
      /Shelly \(Lottie\): I cannot read this picture/,
    );
  },
};
