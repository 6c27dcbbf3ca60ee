import type { KnownBlock } from '@slack/types';
import type { ReplyAction, ReplyView } from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { cutToBytes, escapeEntities, toMrkdwn, withoutPings } from './outgoing-text.js';
import type { Control } from './reply-record.js';

/** chat.update refuses longer text with `msg_too_long`; it counts bytes (slackapi/bolt-js#2509). */
const maxTextBytes = 4_000;
/** The text of one context element (Slack docs, Block Kit). */
const maxContextText = 2_000;

export const actionIds = { stop: 'stop', regenerate: 'regenerate', feedback: 'feedback' } as const;

interface ReplyContent {
  /** For notifications and clients without blocks: the answer alone, as Slack's mrkdwn. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Draws one message of a reply. `heading` is mrkdwn that says what was asked, where no message says it. */
export function replyContent(
  view: ReplyView,
  control: Control | undefined,
  words: Words,
  heading?: string,
): ReplyContent {
  const blocks: KnownBlock[] = [];
  if (heading !== undefined) blocks.push(context(heading));
  if (view.text !== '') blocks.push({ type: 'markdown', text: withoutPings(view.text) });
  blocks.push(...belowText(view, control, words));
  const text = view.text === '' ? escapeEntities(view.status ?? '…') : toMrkdwn(view.text);
  return { text: cutToBytes(text, maxTextBytes), blocks };
}

/** The same without blocks and buttons, for where those are refused: everything is in the text. */
export function plainContent(view: ReplyView, heading?: string): ReplyContent {
  const remarks = [view.status, ...view.notes].flatMap((remark) =>
    remark === undefined ? [] : escapeEntities(remark),
  );
  const lines = [heading, toMrkdwn(view.text), ...remarks].filter(Boolean);
  return { text: cutToBytes(lines.join('\n'), maxTextBytes), blocks: [] };
}

/** Status, notes and buttons: everything of a message that is not the answer. */
export function belowText(
  view: Pick<ReplyView, 'status' | 'notes' | 'actions'> & { readonly text?: string },
  control: Control | undefined,
  words: Words,
): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  if (view.status !== undefined) {
    const status = escapeEntities(view.status);
    blocks.push(view.text === '' ? section(status) : context(`_${status}_`));
  }
  if (view.notes.length > 0) blocks.push(context(escapeEntities(view.notes.join('\n'))));
  if (control !== undefined) blocks.push(...buttons(view.actions, control, words));
  return blocks;
}

function buttons(actions: readonly ReplyAction[], control: Control, words: Words): KnownBlock[] {
  const value = JSON.stringify(control);
  const blocks: KnownBlock[] = [];
  const pressable = actions.filter((action) => action === 'stop' || action === 'regenerate');
  if (pressable.length > 0) {
    blocks.push({
      type: 'actions',
      elements: pressable.map((action) => ({
        type: 'button',
        action_id: actionIds[action],
        text: plain(action === 'stop' ? words.stop : words.regenerate),
        value,
      })),
    });
  }
  if (actions.includes('feedback-up') && actions.includes('feedback-down')) {
    blocks.push({
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: actionIds.feedback,
          positive_button: { text: plain(words.feedbackUp), value: 'up' },
          negative_button: { text: plain(words.feedbackDown), value: 'down' },
        },
      ],
    });
  }
  return blocks;
}

function context(mrkdwn: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn.slice(0, maxContextText) }] };
}

function section(mrkdwn: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: mrkdwn } };
}

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false } as const;
}
