import fc from 'fast-check';

import { ReplyText, type TokenTextDecoder } from './reply-text.js';

/** Token ids index into the given pieces of text. */
function decoderOf(pieces: readonly string[], rest = ''): TokenTextDecoder {
  return { push: (id) => pieces[id]!, flush: () => rest };
}

function stream(pieces: readonly string[], stopSequences: readonly string[], rest = '') {
  const reply = new ReplyText(decoderOf(pieces, rest), stopSequences);
  const emitted: string[] = [];
  for (const id of pieces.keys()) {
    const { text, stopped } = reply.push(id);
    emitted.push(text);
    if (stopped) return { emitted, stopped, text: emitted.join('') + reply.end() };
  }
  return { emitted, stopped: false, text: emitted.join('') + reply.end() };
}

describe('ReplyText', () => {
  it('passes text on at once while no stop sequence can begin in it', () => {
    expect(stream(['A bat', ' on white'], ['###']).emitted).toEqual(['A bat', ' on white']);
  });

  it('holds back what may become a stop sequence, and drops it when it does', () => {
    const { emitted, stopped, text } = stream(['A bat.', '#', '##', 'Human'], ['###']);
    expect(emitted).toEqual(['A bat.', '', '']);
    expect(stopped).toBe(true);
    expect(text).toBe('A bat.');
  });

  it('gives out what it held back when it becomes something else', () => {
    expect(stream(['C#', ' and ##', 'x'], ['###']).emitted).toEqual(['C', '# and ', '##x']);
  });

  it('gives out what it held back when the reply ends', () => {
    expect(stream(['C#'], ['###']).text).toBe('C#');
  });

  it('ends with what the decoder still holds, unless it stopped', () => {
    expect(stream(['a'], ['###'], '\uFFFD').text).toBe('a\uFFFD');
    expect(stream(['a###'], ['###'], '\uFFFD').text).toBe('a');
  });

  it('finds a stop sequence in the middle of a token', () => {
    expect(stream(['yes.###Human: no'], ['###'])).toMatchObject({ text: 'yes.', stopped: true });
  });

  it('gives the same text however the tokens cut it, and no stop sequence in it', () => {
    const alphabet = fc.constantFrom('a', 'b', '#');
    const text = fc.string({ unit: alphabet, maxLength: 30 });
    const stops = fc.array(fc.string({ unit: alphabet, minLength: 1, maxLength: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(text, stops, fc.array(fc.integer({ min: 1, max: 5 })), (whole, stopSequences, lengths) => {
        const pieces: string[] = [];
        let rest = whole;
        for (const length of [...lengths, whole.length]) {
          if (rest !== '') pieces.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        const cut = stream(pieces, stopSequences);
        const byCharacter = stream([...whole], stopSequences);

        expect(cut.text).toBe(byCharacter.text);
        expect(cut.stopped).toBe(stopSequences.some((stop) => whole.includes(stop)));
        expect(stopSequences.some((stop) => cut.text.includes(stop))).toBe(false);
        expect(whole.startsWith(cut.text)).toBe(true);
        if (!cut.stopped) expect(cut.text).toBe(whole);
      }),
    );
  });
});
