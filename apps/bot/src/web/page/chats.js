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
  #running = new Map();
  #deleted = new Set();
  #tabs = new BroadcastChannel('chats');

  /**
   * @param changed called when a message changed here
   * @param joined called when another tab's messages have come into a chat
   * @param elsewhere called with the id of a chat that another tab has kept
   * @param failed called when the browser has no room for a chat
   */
  constructor({ changed, joined, elsewhere, failed }) {
    this.changed = changed;
    this.joined = joined;
    this.failed = failed;
    this.#tabs.addEventListener('message', ({ data }) => elsewhere(data));
  }

  isRunning(chat) {
    return this.#running.has(chat.id);
  }

  stop(chat) {
    this.#running.get(chat.id)?.stop.abort();
  }

  /** Stops what is being written in a chat, and keeps nothing of it any more. */
  delete(chat) {
    this.#deleted.add(chat.id);
    this.stop(chat);
  }

  /** Takes a deletion back. */
  async restore(chat) {
    this.#deleted.delete(chat.id);
    await this.save(settled(chat));
  }

  /** The chat as this tab knows it: one that an answer is being written in has more than what is kept. */
  known(chat) {
    return this.#running.get(chat.id)?.chat ?? settled(chat);
  }

  /** Has the last question of a chat answered. Resolves when the answer is kept. */
  async answer(chat, again) {
    const history = historyOf(chat.messages, maxMessages);
    const reply = this.message('bot', { state: 'thinking', notes: [] });
    chat.messages.push(reply);
    const stop = new AbortController();
    this.#running.set(chat.id, { chat, stop });
    await this.save(chat);
    const beat = setInterval(() => {
      this.changed(chat, reply);
      this.save(chat);
    }, keepEveryMs);
    try {
      const request = { id: newId(), conversation: chat.id, messages: history, wish: 'chat', again };
      for await (const event of answer(request, stop.signal)) {
        receive(reply, event);
        this.changed(chat, reply);
      }
    } catch {
      reply.state = stop.signal.aborted ? 'stopped' : 'failed';
      reply.status = stop.signal.aborted ? words.stopped : words.connectionLost;
    }
    clearInterval(beat);
    this.#running.delete(chat.id);
    reply.changed = Date.now();
    this.changed(chat, reply);
    await this.save(chat);
  }

  message(author, more) {
    const now = Date.now();
    return { id: newId(), begun: now, changed: now, tab, author, text: '', images: [], ...more };
  }

  remove(chat, messages) {
    chat.removed = [...(chat.removed ?? []), ...messages.map(({ id }) => id)];
    chat.messages = chat.messages.filter((message) => !messages.includes(message));
  }

  /** Keeps a chat, with what other tabs have added to it. */
  async save(chat) {
    if (this.#deleted.has(chat.id)) return;
    const running = this.#running.get(chat.id);
    const now = Date.now();
    chat.updated = now;
    const last = chat.messages.at(-1);
    if (running && last && isUnfinished(last)) last.changed = now;
    try {
      const kept = await saveChat(chat);
      // Messages of this tab go on being written: they stay the same objects.
      const own = new Map(chat.messages.map((message) => [message.id, message]));
      const joined = kept.messages.some(({ id }) => !own.has(id));
      chat.messages = kept.messages.map((message) => own.get(message.id) ?? message);
      chat.removed = kept.removed;
      this.#tabs.postMessage(chat.id);
      if (joined) this.joined(chat);
    } catch {
      this.failed();
    }
  }
}

function isUnfinished({ state }) {
  return state === 'thinking' || state === 'streaming';
}

/** An answer whose tab was closed while it was written: nobody writes it any more. */
function settled(chat) {
  for (const message of chat.messages) {
    const abandoned = message.tab === tab || Date.now() - (message.changed ?? 0) > abandonedMs;
    if (!isUnfinished(message) || !abandoned) continue;
    message.state = 'stopped';
    message.status = words.stopped;
  }
  return chat;
}

export function receive(reply, event) {
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
