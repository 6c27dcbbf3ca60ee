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
  return chats.sort((a, b) => b.updated - a.updated);
}

export const saveChat = (chat) => run('chats', 'readwrite', (store) => store.put(chat));

/** Deletes a chat, and the pictures that no other chat shows. */
export async function deleteChat(id) {
  await run('chats', 'readwrite', (store) => store.delete(id));
  const shown = new Set((await allChats()).flatMap(picturesOf));
  const kept = await run('pictures', 'readonly', (store) => store.getAllKeys());
  for (const digest of kept.filter((digest) => !shown.has(digest))) {
    await run('pictures', 'readwrite', (store) => store.delete(digest));
  }
}

export const savePicture = (picture) => run('pictures', 'readwrite', (store) => store.put(picture));

export const picture = (digest) => run('pictures', 'readonly', (store) => store.get(digest));

function picturesOf(chat) {
  return chat.messages.flatMap((message) => message.images.map(({ digest }) => digest));
}
