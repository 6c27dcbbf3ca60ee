import { ChatList } from './chat-list.js';
import { Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { byId } from './elements.js';
import { showExamples } from './examples.js';
import { watchModel } from './model.js';
import { answer } from './server.js';
import { newId, words } from './settings.js';
import { deleteChat, saveChat } from './storage.js';

/** A page may be closed in the middle of a long answer. */
const keepEveryMs = 1_000;

let chat = newChat();
let running;
/** Resolves when the answer that is being written is kept. */
let answering;

const conversation = new Conversation({ again: answerAgain, writeAltText });
const composer = new Composer({ ask, stop: () => running?.abort() });
const chats = new ChatList({ open: openChat, remove: removeChat });

byId('new-chat').addEventListener('click', () => openChat(newChat()));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && running) running.abort();
});
showExamples((file, question) => composer.take(file, question));
watchModel();
await chats.show(chat);
composer.focus();

function newChat() {
  return { id: newId(), title: '', updated: 0, messages: [] };
}

function openChat(opened) {
  running?.abort();
  chat = opened;
  for (const message of chat.messages.filter(isUnfinished)) {
    message.state = 'stopped';
    message.status = words.stopped;
  }
  conversation.show(chat.messages);
  byId('title').textContent = chat.title || words.tagline;
  chats.toggle(false);
  chats.show(chat);
  composer.focus();
}

/** The page was closed while this was written: nobody writes it any more. */
function isUnfinished({ state }) {
  return state === 'thinking' || state === 'streaming';
}

async function removeChat(removed) {
  if (removed.id === chat.id) {
    running?.abort();
    await answering;
  }
  await deleteChat(removed.id);
  if (removed.id === chat.id) openChat(newChat());
  else await chats.show(chat);
}

/** Asks what is in the composer. */
async function ask({ text, images }) {
  const question = { author: 'user', text, images };
  chat.messages.push(question);
  if (chat.title === '') {
    chat.title = text || images[0]?.name || words.newChat;
    byId('title').textContent = chat.title;
  }
  conversation.add(question);
  answering = answerLast(false);
  await answering;
}

async function answerAgain() {
  const last = chat.messages.at(-1);
  if (last?.author !== 'bot' || running) return;
  chat.messages.pop();
  conversation.removeLast();
  answering = answerLast(last.text !== '');
  await answering;
}

/** Has the last question of the chat answered, and keeps chat and answer. */
async function answerLast(again) {
  const asked = chat;
  const reply = { author: 'bot', text: '', images: [], state: 'thinking', notes: [] };
  const history = historyOf(asked.messages);
  asked.messages.push(reply);
  const shown = conversation.add(reply);
  running = new AbortController();
  const { signal } = running;
  composer.busy(true);
  await keep(asked);
  try {
    for await (const event of answer(request(asked, history, { wish: 'chat', again }), signal)) {
      receive(reply, event);
      shown.update();
      if (Date.now() - asked.updated > keepEveryMs) await save(asked);
    }
  } catch {
    reply.state = signal.aborted ? 'stopped' : 'failed';
    reply.status = signal.aborted ? words.stopped : words.connectionLost;
  }
  shown.update();
  running = undefined;
  composer.busy(false);
  await keep(asked);
}

function receive(reply, event) {
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
  }
}

/** A short description of the pictures that an answer is about, to be pasted elsewhere. */
async function writeAltText(pictures) {
  const wanted = request(chat, historyOf([{ ...pictures, text: '' }]), {
    wish: 'alt-text',
    again: false,
  });
  const reply = { text: '' };
  for await (const event of answer({ ...wanted, conversation: newId() }, new AbortController().signal)) {
    receive(reply, event);
  }
  if (reply.state !== 'done') throw new Error(reply.status);
  return reply.text;
}

function request(asked, messages, how) {
  return { id: newId(), conversation: asked.id, messages, ...how };
}

/** What of a chat the model should see: no answers that never came. */
function historyOf(messages) {
  return messages
    .filter(({ author, text }) => author === 'user' || text !== '')
    .map(({ author, text, images, state }) => ({
      author,
      text,
      images,
      unfinished: author === 'bot' && state !== 'done',
    }));
}

async function keep(kept) {
  await save(kept);
  await chats.show(chat);
}

async function save(kept) {
  kept.updated = Date.now();
  await saveChat(kept).catch(() => composer.problem(words.storageFull));
}
