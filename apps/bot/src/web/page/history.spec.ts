import type { Answer, Question } from './chat.js';
import { historyOf } from './history.js';

const named = (name: string) => ({ digest: `digest of ${name}`, name });
const asked = (text: string, ...names: string[]): Question => ({
  id: text,
  begun: 0,
  changed: 0,
  author: 'user',
  text,
  images: names.map(named),
});
const answered = (text: string, state: Answer['state'] = 'done'): Answer => ({
  id: text,
  begun: 0,
  changed: 0,
  author: 'bot',
  text,
  images: [],
  state,
  notes: [],
});

describe('what the page sends of a chat', () => {
  it('is no more than the bot reads and one message ahead, of 501 as of any number', () => {
    const chat = Array.from({ length: 501 }, (_, n) => (n % 2 === 0 ? asked(`${n}`) : answered(`${n}`)));
    expect(historyOf(chat, 30).map(({ text }) => text)).toEqual(
      Array.from({ length: 31 }, (_, n) => `${470 + n}`),
    );
    expect(historyOf(chat.slice(0, 3), 30)).toHaveLength(3);
  });

  it('has the latest pictures in it, however long ago they were shown', () => {
    const chat = [asked('Look.', 'bat.png'), ...Array.from({ length: 100 }, (_, n) => asked(`${n}`))];
    const sent = historyOf(chat, 30);
    expect(sent).toHaveLength(31);
    expect(sent.flatMap(({ images }) => images)).toEqual([named('bat.png')]);
  });

  it('leaves out answers that never came, and marks those that broke off', () => {
    const chat = [asked('One?'), answered('', 'failed'), asked('Two?'), answered('It is', 'stopped')];
    expect(historyOf(chat, 30)).toEqual([
      { author: 'user', text: 'One?', images: [], unfinished: false },
      { author: 'user', text: 'Two?', images: [], unfinished: false },
      { author: 'bot', text: 'It is', images: [], unfinished: true },
    ]);
  });
});
