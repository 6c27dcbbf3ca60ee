import { isSmallTalk } from './small-talk.js';

describe('messages that plainly need no picture', () => {
  it.each([
    'Hello!',
    'hi there 👋',
    'Hey bot',
    'Thanks a lot!',
    'Thank you so much for your help.',
    'Good morning!',
    'How are you?',
    '👍',
    'Hallo zusammen!',
    'Vielen Dank!',
    'Wie geht’s?',
    'Guten Abend',
    '你好！',
    '谢谢你',
    '非常感谢！',
    '再见',
  ])('are greetings, thanks and good-byes: %s', (text) => {
    expect(isSmallTalk(text)).toBe(true);
  });

  it.each([
    'What is this?',
    'How many are there?',
    'Hello, what is on the left?',
    'Who is it?',
    'Thanks, and the second?',
    'ok and now?',
    'good',
    '?',
    'yes',
    'Ist das ein Hund?',
    'Danke, und rechts?',
    '你好，这是什么？',
    '谢谢，左边是什么？',
    '有几个？',
    'hello '.repeat(100),
  ])('are no others: %s', (text) => {
    expect(isSmallTalk(text)).toBe(false);
  });
});
