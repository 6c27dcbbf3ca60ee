import { Client, ComponentType, Message } from 'discord.js';

import { findEmojiMeant, mediaIn, withoutCustomEmoji } from './message-media.js';

const bat = { id: '7', name: 'bat', animated: false };
const party = { id: '8', name: 'party', animated: true };

describe('the emoji of a server', () => {
  it.each([
    ['alone', '<:bat:7>', [bat]],
    ['beside mentions', '<@1> <@!1> <@&2> <#3> <:bat:7> <a:party:8>', [bat, party]],
    ['asked about', 'Which emoji is <:bat:7>?', [bat]],
    ['asked about in German', 'Was ist das für ein Smiley: <a:party:8>', [party]],
    ['twice', '<:bat:7><:bat:7>', [bat]],
    ['in passing', 'Good morning <:bat:7>', []],
    ['that are none', 'emoji <:x:7> <:bat:>', []],
  ])('%s are looked at or not', (_how, content, meant) => {
    expect(findEmojiMeant(content)).toEqual(meant);
  });

  it('are left out of the text where they are looked at', () => {
    expect(withoutCustomEmoji('Which is <:bat:7>')).toBe('Which is');
  });
});

describe('what components show', () => {
  const at = (name: string) => ({
    url: `https://cdn.example/${name}`,
    proxy_url: `https://proxy.example/${name}`,
  });
  const thumbnail = { type: ComponentType.Thumbnail, media: at('thumbnail') };

  it('is the pictures of galleries and thumbnails, and files, in the order of the page', () => {
    const components = [
      { type: ComponentType.MediaGallery, items: [{ media: at('first') }, { media: at('second') }] },
      { type: ComponentType.File, file: at('file') },
      {
        type: ComponentType.Container,
        components: [{ type: ComponentType.Section, components: [], accessory: thumbnail }],
      },
    ];
    const message: Message = Reflect.construct(Message, [
      new Client({ intents: [] }),
      { id: '1', components },
    ]);
    expect(mediaIn(message.components)).toEqual(
      ['first', 'second', 'file', 'thumbnail'].map((name) => ({
        url: `https://cdn.example/${name}`,
        proxyURL: `https://proxy.example/${name}`,
        contentType: undefined,
      })),
    );
  });
});
