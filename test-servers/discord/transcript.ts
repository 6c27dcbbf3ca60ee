import { ComponentType } from 'discord.js';
import { everyComponent } from './message-rules.js';
import type { Message, State } from './state.js';

/** A button as a reader sees it. */
export interface ShownButton {
  readonly label: string;
  readonly customId: string | undefined;
  readonly disabled: boolean;
}

/** A message as a reader sees it, with what stood there before. */
export interface ShownMessage {
  readonly id: string;
  readonly author: string;
  readonly content: string;
  /** Every content the message ever showed, oldest first, the present one last. */
  readonly history: readonly string[];
  readonly edited: boolean;
  readonly repliesTo: string | undefined;
  readonly attachments: readonly string[];
  readonly buttons: readonly ShownButton[];
  /** Buttons that were ever shown, by label. */
  readonly buttonsEverShown: ReadonlySet<string>;
  readonly visibleOnlyTo: string | undefined;
  readonly pinged: readonly string[];
  /** When each content appeared, in milliseconds. */
  readonly times: readonly number[];
}

/** What a reader of the channel sees, oldest first; deleted messages are gone. */
export function transcriptOf(state: State, channelId: string): ShownMessage[] {
  return state.messagesIn(channelId).map((message) => shown(state, message));
}

export function shown(state: State, message: Message): ShownMessage {
  const nameOf = (id: string | undefined) => (id === undefined ? undefined : state.users.get(id)?.username);
  return {
    id: message.id,
    author: nameOf(message.authorId) ?? 'unknown',
    content: visibleText(message.content, message.components),
    history: message.revisions.map(({ content, components }) => visibleText(content, components)),
    edited: message.editedAt !== undefined,
    repliesTo: message.repliesTo,
    attachments: [...message.attachments, ...message.snapshots.flatMap((one) => one.attachments)].map(
      (attachment) => attachment.filename,
    ),
    buttons: buttonsOf(message.components),
    buttonsEverShown: new Set(
      message.revisions.flatMap(({ components }) => buttonsOf(components).map(({ label }) => label)),
    ),
    visibleOnlyTo: nameOf(message.visibleOnlyTo),
    pinged: message.pinged,
    times: message.revisions.map(({ at }) => at),
  };
}

/** The transcript as lines of text, for error messages and pictures. */
export function printTranscript(messages: readonly ShownMessage[]): string {
  return messages
    .map(({ author, content, attachments, buttons, visibleOnlyTo, history }) => {
      const files = attachments.map((name) => ` [${name}]`).join('');
      const controls = buttons.map(({ label }) => ` (${label})`).join('');
      const privately = visibleOnlyTo ? ` (only ${visibleOnlyTo} sees this)` : '';
      const edits = history.length > 1 ? ` {${history.length - 1} edits}` : '';
      return `${author}${privately}: ${content}${files}${controls}${edits}`;
    })
    .join('\n');
}

function visibleText(content: string, components: Message['components']): string {
  const texts = [...everyComponent(components)].flatMap((component) =>
    component.type === ComponentType.TextDisplay ? [String(component.content)] : [],
  );
  return [content, ...texts].filter((text) => text !== '').join('\n');
}

function buttonsOf(components: Message['components']): ShownButton[] {
  return [...everyComponent(components)].flatMap((component) => {
    if (component.type !== ComponentType.Button) return [];
    const emoji = (component.emoji as { name?: string } | undefined)?.name;
    return [
      {
        label: String(component.label ?? emoji ?? ''),
        customId: component.custom_id as string | undefined,
        disabled: component.disabled === true,
      },
    ];
  });
}
