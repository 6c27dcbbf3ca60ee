import { dropReasonOf, mendAnswer } from './rules.js';

const good = 'The image shows a brown dog that runs along a sandy beach. The sea behind it is calm.';
const description = 'The image shows a dog. It runs.';

describe('an answer of the repair model', () => {
  it.each([
    ['is taken as it is', good, good, []],
    ['loses its line breaks', good.replace('. The', '.\n\nThe'), good, []],
    ['loses an apology', `I'm sorry I made a mistake. ${good}`, good, ['apology']],
    ['loses an apology at its end', `${good} I apologize for that.`, good, ['apology']],
    ['loses an introduction', `Here is the corrected paragraph:\n\n${good}`, good, ['framing']],
    ['loses a longer introduction', `Sure! Here's the paragraph without errors: ${good}`, good, ['framing']],
    ['loses its quotes', `"${good}"`, good, []],
    ['loses an explanation', `${good}\n\nExplanation: I removed a sentence.`, good, ['framing']],
    ['gives way when all was right', 'The paragraph is already correct.', description, ['already correct']],
  ])('%s', (_, answer, caption, mendings) => {
    expect(mendAnswer(answer, description)).toEqual({ caption, mendings });
  });

  it('keeps quotes that belong to the text', () => {
    const quoting = '"Stop" is written on the sign, and below it one reads "Police"';
    expect(mendAnswer(quoting, description).caption).toBe(quoting);
  });
});

describe('a caption', () => {
  it('stays when it is a description in good English', () => {
    expect(dropReasonOf(good)).toBeUndefined();
    expect(
      dropReasonOf('A café in Zürich with naïve paintings hangs full of flags and lamps.'),
    ).toBeUndefined();
  });

  it.each([
    ['empty', '… !'],
    ['apology', 'As an AI language model, I do not see the image, but it may well show a dog on a beach.'],
    ['apology', 'Please provide the paragraph that you would like me to fix, and I will gladly do so.'],
    ['leftover', 'The image shows a dog. ###Human: Continue ###Assistant: The dog is brown and runs along.'],
    ['leftover', 'The given paragraph describes a dog that runs along a sandy beach by the calm sea.'],
    ['leftover', 'The image shows a dog \uFFFD\uFFFD that runs along a sandy beach by the very calm sea.'],
    ['incomplete', 'The image shows a dog that runs along. The last sentence of the text is incomplete.'],
    ['short', 'The image shows a dog.'],
    ['foreign', 'The image shows a dog. 这张图片显示一只棕色的狗在沙滩上奔跑，背景是平静的大海。'],
    [
      'repetition',
      'It runs along the sandy beach. The sea is calm. It runs along the sandy beach. It is brown.',
    ],
    ['repetition', 'The image shows a dog and a dog and a dog and a dog and a dog on a sandy beach.'],
    ['cut-off', 'The image shows a brown dog that runs along a sandy beach. The sea behind it is'],
  ])('is dropped, reason "%s": %s', (reason, caption) => {
    expect(dropReasonOf(caption)).toBe(reason);
  });
});
