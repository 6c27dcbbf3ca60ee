import type { AnswerEvent, NamedImage } from '../protocol.js';
import type { Answer, Chat, Message, Question } from './chat.js';
import { historyOf } from './history.js';
import { answer } from './server.js';
import { maxMessages, newId, words } from './settings.js';
import { saveChat } from './storage.js';

/** A page may be closed in the middle of a long answer. */
const keepEveryMs = 1_000;
/** Whoever writes an answer keeps it at least so often; after so long nobody does. */
const abandonedMs = 10_000;

/** The same after a reload, and another in each tab. */
const tab = sessionStorage.getItem('tab') ?? newId();
sessionStorage.setItem('tab', tab);

/**
 * The chats that this tab has open or is writing answers in. Answers go on when another chat is opened; other tabs see
 * them grow, and what is asked there joins in.
 */
export class Chats {
  readonly #running = new Map<string, { readonly chat: Chat; readonly stop: AbortController }>();
  /** Those that this tab has written answers in: what was read from the store may be older. */
  readonly #written = new Map<string, Chat>();
  readonly #deleted = new Set<string>();
  readonly #tabs = new BroadcastChannel('chats');

  constructor(
    private readonly listener: {
      /** An answer changed here. */
      changed(chat: Chat, answer: Answer): void;
      /** Another tab's messages have come into a chat. */
      joined(chat: Chat): void;
      /** Another tab has kept the chat with this id. */
      elsewhere(id: string): void;
      /** The browser has no room for a chat. */
      failed(): void;
    },
  ) {
    this.#tabs.addEventListener('message', ({ data }) => listener.elsewhere(data));
  }

  isRunning(chat: Chat): boolean {
    return this.#running.has(chat.id);
  }

  stop(chat: Chat): void {
    this.#running.get(chat.id)?.stop.abort();
  }

  /** Stops what is being written in a chat, and keeps nothing of it any more. */
  delete(chat: Chat): void {
    this.#deleted.add(chat.id);
    this.stop(chat);
  }

  /** Takes a deletion back. */
  async restore(chat: Chat): Promise<void> {
    this.#deleted.delete(chat.id);
    await this.save(settled(chat));
  }

  /** The chat as this tab knows it: one that an answer is being written in, or just was, has more than what was read. */
  known(chat: Chat): Chat {
    const written = this.#written.get(chat.id);
    if (written && (this.isRunning(chat) || written.updated >= chat.updated)) return written;
    return settled(chat);
  }

  /** Has the last question of a chat answered. Resolves when the answer is kept. */
  async answer(chat: Chat, again: boolean): Promise<void> {
    const history = historyOf(chat.messages, maxMessages);
    const reply = newAnswer();
    chat.messages.push(reply);
    const stop = new AbortController();
    this.#running.set(chat.id, { chat, stop });
    this.#written.set(chat.id, chat);
    await this.save(chat);
    const beat = setInterval(() => {
      this.listener.changed(chat, reply);
      this.save(chat);
    }, keepEveryMs);
    try {
      const request = { id: newId(), conversation: chat.id, messages: history, again };
      for await (const event of answer({ ...request, wish: 'chat' }, stop.signal)) {
        receive(reply, event);
        this.listener.changed(chat, reply);
      }
    } catch {
      reply.state = stop.signal.aborted ? 'stopped' : 'failed';
      reply.status = stop.signal.aborted ? words.stopped : words.connectionLost;
    }
    clearInterval(beat);
    this.#running.delete(chat.id);
    reply.changed = Date.now();
    this.listener.changed(chat, reply);
    await this.save(chat);
  }

  remove(chat: Chat, messages: readonly Message[]): void {
    chat.removed = [...chat.removed, ...messages.map(({ id }) => id)];
    chat.messages = chat.messages.filter((message) => !messages.includes(message));
  }

  /** Keeps a chat, with what other tabs have added to it. */
  async save(chat: Chat): Promise<void> {
    if (this.#deleted.has(chat.id)) return;
    const running = this.#running.get(chat.id);
    const now = Date.now();
    chat.updated = now;
    const last = chat.messages.at(-1);
    if (running && last?.author === 'bot' && isUnfinished(last)) last.changed = now;
    try {
      const kept = await saveChat(chat);
      // Messages of this tab go on being written: they stay the same objects.
      const own = new Map(chat.messages.map((message) => [message.id, message]));
      const joined = kept.messages.some(({ id }) => !own.has(id));
      chat.messages = kept.messages.map((message) => own.get(message.id) ?? message);
      chat.removed = kept.removed;
      this.#tabs.postMessage(chat.id);
      if (joined) this.listener.joined(chat);
    } catch {
      this.listener.failed();
    }
  }
}

export function newQuestion(text: string, images: NamedImage[]): Question {
  const now = Date.now();
  return { id: newId(), begun: now, changed: now, tab, author: 'user', text, images };
}

export function newAnswer(): Answer {
  const now = Date.now();
  const empty = { text: '', images: [], notes: [] };
  return { id: newId(), begun: now, changed: now, tab, author: 'bot', state: 'thinking', ...empty };
}

function isUnfinished({ state }: Answer): boolean {
  return state === 'thinking' || state === 'streaming';
}

/** An answer whose tab was closed while it was written: nobody writes it any more. */
function settled(chat: Chat): Chat {
  for (const message of chat.messages) {
    if (message.author === 'user' || !isUnfinished(message)) continue;
    if (message.tab !== tab && Date.now() - message.changed <= abandonedMs) continue;
    message.state = 'stopped';
    message.status = words.stopped;
  }
  return chat;
}

export function receive(reply: Answer, event: AnswerEvent): void {
  reply.changed = Date.now();
  switch (event.event) {
    case 'status':
      reply.status = event.status;
      break;
    case 'text':
      reply.state = 'streaming';
      reply.status = undefined;
      reply.text += event.text;
      break;
    case 'end':
      reply.state = event.state;
      reply.status = event.status;
      reply.notes = event.notes;
      reply.measured = event.measured;
      reply.retryAt = event.retryAfterSeconds && Date.now() + event.retryAfterSeconds * 1_000;
  }
}
