import type { ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { belowText, plainContent, replyContent } from './reply-format.js';

const control = { question: 'C1:1.0', asker: 'U1' };
const view = (content: Partial<ReplyView>): ReplyView => ({
  state: 'done',
  text: '',
  notes: [],
  actions: [],
  ...content,
});
const drawn = (content: Partial<ReplyView>, heading?: string) =>
  replyContent(view(content), control, english, heading);

describe('a message of a reply on Slack', () => {
  it('is its heading, the answer, the status, the notes and the buttons, in this order', () => {
    const { text, blocks } = drawn(
      {
        text: 'A **cat**.',
        status: 'Cut & done',
        notes: ['One <note>', 'Two'],
        actions: ['regenerate', 'feedback-up', 'feedback-down'],
      },
      '<@U1> asks',
    );
    expect(text).toBe('A *cat*.');
    expect(blocks).toEqual([
      { type: 'context', elements: [{ type: 'mrkdwn', text: '<@U1> asks' }] },
      { type: 'markdown', text: 'A **cat**.' },
      { type: 'context', elements: [{ type: 'mrkdwn', text: '_Cut &amp; done_' }] },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'One &lt;note&gt;\nTwo' }] },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: 'regenerate',
            text: { type: 'plain_text', text: english.regenerate, emoji: false },
            value: JSON.stringify(control),
          },
        ],
      },
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'feedback',
            positive_button: {
              text: { type: 'plain_text', text: english.feedbackUp, emoji: false },
              value: 'up',
            },
            negative_button: {
              text: { type: 'plain_text', text: english.feedbackDown, emoji: false },
              value: 'down',
            },
          },
        ],
      },
    ]);
  });

  it('is its status alone while there is no answer', () => {
    expect(drawn({ state: 'thinking', status: 'Looking & thinking' })).toEqual({
      text: 'Looking &amp; thinking',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Looking &amp; thinking' } }],
    });
    expect(drawn({})).toEqual({ text: '…', blocks: [] });
  });

  it('has a button that stops it while it is written', () => {
    const [, actions] = drawn({ state: 'streaming', text: 'A', actions: ['stop'] }).blocks;
    expect(actions).toMatchObject({
      type: 'actions',
      elements: [{ action_id: 'stop', text: { text: english.stop } }],
    });
  });

  it.each([['feedback-up'], ['feedback-down']] as const)('has no votes with %s alone', (action) => {
    expect(drawn({ text: 'A', actions: [action] }).blocks).toEqual([{ type: 'markdown', text: 'A' }]);
  });

  it('has no buttons where nobody may press them', () => {
    expect(replyContent(view({ text: 'A', actions: ['stop'] }), undefined, english).blocks).toEqual([
      { type: 'markdown', text: 'A' },
    ]);
  });

  it('notifies nobody by the words of the model', () => {
    const { text, blocks } = drawn({ text: 'Hello <!channel>' });
    expect(text).toBe('Hello &lt;!channel&gt;');
    expect(blocks).toEqual([{ type: 'markdown', text: 'Hello <\u200B!channel>' }]);
  });

  it('keeps to what Slack takes: 4,000 bytes of text, 2,000 characters of a heading', () => {
    expect(drawn({ text: 'x'.repeat(4_000) }).text).toBe('x'.repeat(4_000));
    expect(drawn({ text: 'x'.repeat(4_001) }).text).toBe(`${'x'.repeat(3_997)}…`);
    expect(drawn({}, 'y'.repeat(2_001)).blocks).toEqual([
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'y'.repeat(2_000) }] },
    ]);
  });
});

it('a status below the end of a stream is small, as its text stands above', () => {
  expect(belowText({ status: 'Stopped.', notes: [], actions: [] }, control, english)).toEqual([
    { type: 'context', elements: [{ type: 'mrkdwn', text: '_Stopped._' }] },
  ]);
});

describe('a plain message of a reply', () => {
  it('has everything in its text', () => {
    const content = view({ text: 'A **cat**.', status: 'Cut & done', notes: ['<note>'], actions: ['stop'] });
    expect(plainContent(content, '<@U1> asks')).toEqual({
      text: '<@U1> asks\nA *cat*.\nCut &amp; done\n&lt;note&gt;',
      blocks: [],
    });
  });

  it('has no lines for what is not there', () => {
    expect(plainContent(view({ status: 'Looking' })).text).toBe('Looking');
    expect(plainContent(view({ text: 'x'.repeat(4_001) })).text).toBe(`${'x'.repeat(3_997)}…`);
  });
});
