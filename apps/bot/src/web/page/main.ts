import { byId } from '/shared/elements.js';

import type { Chat, Message, Question } from './chat.js';
import { ChatList } from './chat-list.js';
import { Chats, newAnswer, newQuestion, receive } from './chats.js';
import { type Composed, Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { showExamples } from './examples.js';
import { exportChat } from './export-chat.js';
import { historyOf } from './history.js';
import { watchModel } from './model.js';
import { answer } from './server.js';
import { maxMessages, newId, words } from './settings.js';
import { chatById, deleteChat, deleteUnusedPictures } from './storage.js';
import { offerUndo } from './undo.js';

let chat = newChat();

const conversation = new Conversation({ again: answerAgain, ask: askHere, edit, remove, writeAltText });
const composer = new Composer({ ask, stop: () => chats.stop(chat), recall: lastQuestion });
const list = new ChatList({ open: openListed, remove: removeChat });
const chats = new Chats({
  changed: (changed, answered) => {
    if (changed.id === chat.id) conversation.update(answered);
  },
  joined: (changed) => {
    if (changed.id === chat.id) conversation.show(chat, { stay: true });
  },
  elsewhere: refresh,
  failed: () => composer.problem(words.storageFull),
});

byId('new-chat').addEventListener('click', () => openChat(newChat()));
byId('rename').addEventListener('click', rename);
byId('export').addEventListener('click', () => exportChat(chat));
document.addEventListener('keydown', (event) => {
  // What else Escape closes is closed first.
  const opened = document.querySelector(':popover-open, dialog[open], .sidebar-open');
  if (event.key === 'Escape' && !event.defaultPrevented && !opened) chats.stop(chat);
});
addEventListener('popstate', openAddressed);
showExamples((file, question) => composer.ask(file, question));
watchModel((limit) => composer.limit(limit));
await openAddressed();

function newChat(): Chat {
  return { id: newId(), title: '', renamed: 0, updated: 0, removed: [], messages: [] };
}

/** Opens the chat that the page's address names. */
async function openAddressed(): Promise<void> {
  const id = /^#\/chats\/(.+)$/.exec(location.hash)?.[1];
  if (id === chat.id) return;
  show((id && (await chatById(id))) || newChat());
}

/** Opens a chat of the list as it is kept by now: an answer may have ended since the list was shown. */
async function openListed(listed: Chat): Promise<void> {
  openChat((await chatById(listed.id)) ?? listed);
}

function openChat(opened: Chat): void {
  show(opened);
  const address = opened.messages.length > 0 ? `#/chats/${opened.id}` : location.pathname;
  history.pushState(undefined, '', address);
}

function show(opened: Chat): void {
  chat = chats.known(opened);
  conversation.show(chat);
  composer.busy(chats.isRunning(chat));
  list.toggle(false);
  refreshList();
  composer.focus();
}

function refreshList(): Promise<void> {
  const name = chat.title || words.tagline;
  byId('title').textContent = name;
  document.title = chat.title ? `${chat.title} · minigpt4-chat` : 'minigpt4-chat';
  for (const id of ['rename', 'export']) byId(id).hidden = chat.messages.length === 0;
  return list.show(chat);
}

/** Another tab has kept this chat. */
async function refresh(id: string): Promise<void> {
  const kept = id === chat.id && (await chatById(id));
  if (kept && !chats.isRunning(chat)) {
    chat = chats.known(kept);
    conversation.show(chat, { stay: true });
  }
  await refreshList();
}

async function removeChat(removed: Chat): Promise<void> {
  chats.delete(removed);
  await deleteChat(removed.id);
  if (removed.id === chat.id) openChat(newChat());
  else await refreshList();
  offerUndo(words.chatDeleted, async () => {
    await chats.restore(removed);
    await refreshList();
  });
  await deleteUnusedPictures(composer.attached());
}

async function rename(): Promise<void> {
  const title = prompt(words.renameChat, chat.title)?.trim();
  if (!title) return;
  chat.title = title.slice(0, 200);
  chat.renamed = Date.now();
  await chats.save(chat);
  await refreshList();
}

/** Asks what is in the composer; in place of the question that is being edited, if one is. */
async function ask({ text, images, instead }: Composed): Promise<void> {
  if (instead) chats.remove(chat, chat.messages.slice(chat.messages.indexOf(instead)));
  const question = newQuestion(text, images);
  chat.messages.push(question);
  if (chat.title === '') chat.title = text || images[0]?.name || words.newChat;
  history.replaceState(undefined, '', `#/chats/${chat.id}`);
  if (instead) conversation.show(chat);
  else conversation.add(question);
  await answerLast(false);
}

function askHere(text: string): void {
  if (!chats.isRunning(chat)) ask({ text, images: [] });
}

async function answerLast(again: boolean): Promise<void> {
  const asked = chat;
  const answering = chats.answer(asked, again);
  conversation.show(asked, { stay: false });
  composer.busy(true);
  await refreshList();
  await answering;
  composer.busy(chats.isRunning(chat));
  await refreshList();
}

async function answerAgain(): Promise<void> {
  const last = chat.messages.at(-1);
  if (last?.author !== 'bot' || chats.isRunning(chat)) return;
  chats.remove(chat, [last]);
  await answerLast(last.text !== '');
}

function edit(question: Question): void {
  if (!chats.isRunning(chat)) composer.edit(question);
}

/** Takes a question out of the chat, and the answer to it. */
async function remove(question: Question): Promise<void> {
  if (chats.isRunning(chat)) return;
  const next = chat.messages[chat.messages.indexOf(question) + 1];
  chats.remove(chat, next?.author === 'bot' ? [question, next] : [question]);
  await chats.save(chat);
  conversation.show(chat, { stay: true });
  await refreshList();
}

function lastQuestion(): string | undefined {
  return chat.messages.findLast(({ author, text }) => author === 'user' && text !== '')?.text;
}

/** A short description of the pictures that an answer is about, to be pasted elsewhere. */
async function writeAltText(pictures: Message): Promise<string> {
  const messages = historyOf([{ ...pictures, text: '' }], maxMessages);
  const wanted = { id: newId(), conversation: newId(), messages, again: false };
  const reply = newAnswer();
  const events = answer({ ...wanted, wish: 'alt-text' }, new AbortController().signal);
  for await (const event of events) receive(reply, event);
  if (reply.state !== 'done') throw new Error(reply.status);
  return reply.text;
}
