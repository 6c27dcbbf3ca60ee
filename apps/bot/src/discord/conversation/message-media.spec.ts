import { emojiMeant, withoutCustomEmoji } from './message-media.js';

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
    expect(emojiMeant(content)).toEqual(meant);
  });

  it('are left out of the text where they are looked at', () => {
    expect(withoutCustomEmoji('Which is <:bat:7>')).toBe('Which is');
  });
});
