import {
  ActionRowBuilder,
  type APIActionRowComponent,
  type APIButtonComponent,
  ButtonBuilder,
  ButtonStyle,
} from 'discord.js';
import { z } from 'zod';

import type { ReplyAction, ReplyView } from '../../contract/index.js';
import type { Words } from '../../words/index.js';

/** "Content: up to 2000 characters" (Discord docs, Create Message). */
const maxContent = 2_000;
/** Room for the question above and the notes below the answer. */
const roomForRemarks = 400;
/** The longest answer text in one message. */
export const maxAnswerLength = maxContent - roomForRemarks;

/**
 * An invisible character that begins the bot's own lines, so that they can be told from the answer when the
 * conversation is read again. It is taken out of what the model says.
 */
const ownLine = '\u200b';
const questionPrefix = `> ${ownLine}`;
const remarkPrefix = `-# ${ownLine}`;

/** The parts of one of the bot's messages. */
interface ReplyParts {
  /** The question, where it was no message of its own. */
  readonly question: string;
  readonly text: string;
}

/** The content of a message: the question where Discord does not show it, the answer, and small remarks. */
export function formatContent(view: ReplyView, question: string): string {
  const above = question === '' ? [] : [truncate(questionPrefix + oneLine(question), roomForRemarks / 2)];
  const text = view.text.replaceAll(ownLine, '');
  const remarks = [view.status, ...view.notes].flatMap((remark) =>
    remark ? [remarkPrefix + oneLine(remark)] : [],
  );
  const room = maxContent - [...above, text].join('\n').length - 1;
  return [...above, text, truncate(remarks.join('\n'), room)].filter((part) => part !== '').join('\n');
}

/** Reads back what `formatContent` wrote. */
export function parseContent(content: string): ReplyParts {
  const lines = content.split('\n');
  const question = lines.find((line) => line.startsWith(questionPrefix))?.slice(questionPrefix.length) ?? '';
  const text = lines
    .filter((line) => !line.startsWith(questionPrefix) && !line.startsWith(remarkPrefix))
    .join('\n')
    .trim();
  return { question, text };
}

const actions = [
  'stop',
  'regenerate',
  'feedback-up',
  'feedback-down',
] as const satisfies readonly ReplyAction[];

/** What a button says about itself: enough to work after a restart. */
const control = z.tuple([z.enum(actions), z.string().regex(/^\d+$/), z.string().regex(/^\d+$/)]);

export interface Control {
  readonly action: ReplyAction;
  /** The asking message or interaction. */
  readonly questionId: string;
  readonly askerId: string;
}

export function parseControl(customId: string | null): Control | undefined {
  const parsed = control.safeParse(customId?.split(':'));
  if (!parsed.success) return undefined;
  const [action, questionId, askerId] = parsed.data;
  return { action, questionId, askerId };
}

/** The buttons below a reply; none is an empty list, which also takes earlier ones away. */
export function formatButtons(
  view: Pick<ReplyView, 'actions'>,
  { questionId, askerId }: Pick<Control, 'questionId' | 'askerId'>,
  words: Words,
): APIActionRowComponent<APIButtonComponent>[] {
  if (view.actions.length === 0) return [];
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(
    view.actions.map((action) =>
      buildButton(action, words)
        .setCustomId([action, questionId, askerId].join(':'))
        .setStyle(ButtonStyle.Secondary),
    ),
  );
  return [row.toJSON() as APIActionRowComponent<APIButtonComponent>];
}

function buildButton(action: ReplyAction, words: Words): ButtonBuilder {
  switch (action) {
    case 'stop':
      return new ButtonBuilder().setEmoji('⏹️').setLabel(words.stop);
    case 'regenerate':
      return new ButtonBuilder().setEmoji('🔄').setLabel(words.regenerate);
    case 'feedback-up':
      return new ButtonBuilder().setEmoji('👍').setLabel(words.feedbackUp);
    case 'feedback-down':
      return new ButtonBuilder().setEmoji('👎').setLabel(words.feedbackDown);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
