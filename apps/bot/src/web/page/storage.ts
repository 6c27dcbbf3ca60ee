import type { Chat, Picture, StoredChat } from './chat.js';

/** The chats and pictures of this browser, in IndexedDB. Nothing of them is kept on the server. */
const database = new Promise<IDBDatabase>((resolve, reject) => {
  const opening = indexedDB.open('minigpt4-chat', 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('chats', { keyPath: 'id' });
    opening.result.createObjectStore('pictures', { keyPath: 'digest' });
  };
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

/** Earlier versions did not keep when a picture was added. */
type StoredPicture = Picture & { readonly added?: number };

/** A picture that no chat shows may still be attached in another tab; it is kept for so long. */
const keepUnusedMs = 24 * 60 * 60 * 1_000;

async function run<Result>(
  store: 'chats' | 'pictures',
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const transaction = (await database).transaction(store, mode);
  const request = action(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** All chats, the latest first. */
export async function allChats(): Promise<Chat[]> {
  const chats = await run<StoredChat[]>('chats', 'readonly', (store) => store.getAll());
  return chats.map(complete).sort((a, b) => b.updated - a.updated);
}

export async function chatById(id: string): Promise<Chat | undefined> {
  const chat = await run<StoredChat | undefined>('chats', 'readonly', (store) => store.get(id));
  return chat && complete(chat);
}

/** Gives a chat that an earlier version kept what it lacks. */
function complete(stored: StoredChat): Chat {
  const messages = stored.messages.map((message, index) => ({
    id: `${stored.id}:${index}`,
    begun: index,
    changed: 0,
    ...message,
  }));
  return { renamed: 0, removed: [], ...stored, messages };
}

/** Keeps a chat, with what another tab has kept of it meanwhile: the chat as it is now. */
export async function saveChat(chat: Chat): Promise<Chat> {
  const transaction = (await database).transaction('chats', 'readwrite');
  const store = transaction.objectStore('chats');
  let kept = chat;
  const reading: IDBRequest<StoredChat | undefined> = store.get(chat.id);
  reading.onsuccess = () => {
    kept = merged(reading.result && complete(reading.result), chat);
    store.put(kept);
  };
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(kept);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const deleteChat = (id: string) => run('chats', 'readwrite', (store) => store.delete(id));

/** Deletes the pictures that no chat shows and that are not `attached` to a question in the making. */
export async function deleteUnusedPictures(attached: readonly string[]): Promise<void> {
  const shown = new Set([...(await allChats()).flatMap(picturesOf), ...attached]);
  const old = Date.now() - keepUnusedMs;
  for (const { digest, added = 0 } of await run<StoredPicture[]>('pictures', 'readonly', (store) =>
    store.getAll(),
  )) {
    if (!shown.has(digest) && added < old)
      await run('pictures', 'readwrite', (store) => store.delete(digest));
  }
}

export const savePicture = (picture: Picture) =>
  run('pictures', 'readwrite', (store) =>
    store.put({ ...picture, added: Date.now() } satisfies StoredPicture),
  );

export const picture = (digest: string) =>
  run<Picture | undefined>('pictures', 'readonly', (store) => store.get(digest));

function picturesOf(chat: Chat): string[] {
  return chat.messages.flatMap((message) => message.images.map(({ digest }) => digest));
}

/**
 * One chat as two tabs know it: the messages of both, in the order they were begun; of a message that both have, the one
 * that changed last; none that either has removed.
 */
function merged(stored: Chat | undefined, own: Chat): Chat {
  if (!stored) return own;
  const removed = [...new Set([...stored.removed, ...own.removed])];
  const byId = new Map(stored.messages.map((message) => [message.id, message]));
  for (const message of own.messages) {
    const other = byId.get(message.id);
    if (!other || other.changed <= message.changed) byId.set(message.id, message);
  }
  const messages = [...byId.values()]
    .filter(({ id }) => !removed.includes(id))
    .sort((a, b) => a.begun - b.begun);
  const { title } = stored.renamed > own.renamed ? stored : own;
  const renamed = Math.max(stored.renamed, own.renamed);
  return { ...own, title, renamed, updated: Math.max(stored.updated, own.updated), removed, messages };
}
