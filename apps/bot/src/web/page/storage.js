import { merged } from './merge-chats.js';

/** The chats and pictures of this browser, in IndexedDB. Nothing of them is kept on the server. */
const database = new Promise((resolve, reject) => {
  const opening = indexedDB.open('minigpt4-chat', 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('chats', { keyPath: 'id' });
    opening.result.createObjectStore('pictures', { keyPath: 'digest' });
  };
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

/** A picture that no chat shows may still be attached in another tab; it is kept for so long. */
const keepUnusedMs = 24 * 60 * 60 * 1_000;

async function run(store, mode, action) {
  const transaction = (await database).transaction(store, mode);
  const request = action(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** All chats, the latest first. */
export async function allChats() {
  const chats = await run('chats', 'readonly', (store) => store.getAll());
  return chats.map(complete).sort((a, b) => b.updated - a.updated);
}

export async function chatById(id) {
  const chat = await run('chats', 'readonly', (store) => store.get(id));
  return chat && complete(chat);
}

/** Chats that were kept before messages had names of their own get them. */
function complete(chat) {
  for (const [index, message] of chat.messages.entries()) {
    message.id ??= `${chat.id}:${index}`;
    message.begun ??= index;
    message.changed ??= 0;
  }
  return chat;
}

/** Keeps a chat, with what another tab has kept of it meanwhile: the chat as it is now. */
export async function saveChat(chat) {
  const transaction = (await database).transaction('chats', 'readwrite');
  const store = transaction.objectStore('chats');
  let kept = chat;
  const reading = store.get(chat.id);
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

export const deleteChat = (id) => run('chats', 'readwrite', (store) => store.delete(id));

/** Deletes the pictures that no chat shows and that are not `attached` to a question in the making. */
export async function deleteUnusedPictures(attached) {
  const shown = new Set([...(await allChats()).flatMap(picturesOf), ...attached]);
  const old = Date.now() - keepUnusedMs;
  for (const { digest, added = 0 } of await run('pictures', 'readonly', (store) => store.getAll())) {
    if (!shown.has(digest) && added < old)
      await run('pictures', 'readwrite', (store) => store.delete(digest));
  }
}

export const savePicture = (picture) =>
  run('pictures', 'readwrite', (store) => store.put({ ...picture, added: Date.now() }));

export const picture = (digest) => run('pictures', 'readonly', (store) => store.get(digest));

function picturesOf(chat) {
  return chat.messages.flatMap((message) => message.images.map(({ digest }) => digest));
}
