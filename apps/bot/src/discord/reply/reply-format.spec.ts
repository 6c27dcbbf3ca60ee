import { languages } from '../../words/index.js';
import { formatButtons, formatContent, maxAnswerLength, parseContent, parseControl } from './reply-format.js';

const view = { state: 'done', text: 'It is a bat.', notes: [], actions: [] } as const;

describe('a message of the bot', () => {
  it('is read back as the question and the answer it was made of', () => {
    const content = formatContent(
      { ...view, status: 'Stopped.', notes: ['cut.png: broken'] },
      'What\nis this?',
    );
    expect(parseContent(content)).toEqual({ question: 'What is this?', text: 'It is a bat.' });
  });

  it('keeps quotes and small print that the model writes in the answer', () => {
    const text = '> a quote\n-# small print\n\nThe end.';
    expect(parseContent(formatContent({ ...view, text, status: 'Done.' }, ''))).toEqual({
      question: '',
      text,
    });
  });

  it('does not take what the model says for its own remark', () => {
    const text = '-# \u200bnot a remark';
    expect(parseContent(formatContent({ ...view, text }, '')).text).toBe('-# not a remark');
  });

  it('is never longer than Discord takes', () => {
    const long = {
      ...view,
      text: 'x'.repeat(maxAnswerLength),
      status: 'y'.repeat(900),
      notes: ['z'.repeat(900)],
    };
    const content = formatContent(long, 'q'.repeat(3000));
    expect(content.length).toBeLessThanOrEqual(2000);
    expect(parseContent(content).text).toBe(long.text);
  });
});

describe('its buttons', () => {
  it('say which question they belong to and who asked', () => {
    const [row] = formatButtons({ actions: ['stop'] }, { questionId: '12', askerId: '34' }, languages.en);
    const [button] = row!.components;
    const customId = button && 'custom_id' in button ? button.custom_id : null;
    expect(parseControl(customId)).toEqual({ action: 'stop', questionId: '12', askerId: '34' });
  });

  it.each([null, '', 'stop', 'stop:12', 'explode:12:34', 'stop:twelve:34'])(
    'of others (%j) are not understood',
    (id) => {
      expect(parseControl(id)).toBeUndefined();
    },
  );
});
