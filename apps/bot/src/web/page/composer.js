import { byId, element, icon } from './elements.js';
import { uploadPicture } from './server.js';
import { maxImageBytes, maxImages, words } from './settings.js';
import { savePicture } from './storage.js';

/** Where a question is put together: its pictures and its words. */
export class Composer {
  #pictures = [];
  #busy = false;

  constructor({ ask, stop }) {
    this.ask = ask;
    this.field = byId('question');
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId('stop').addEventListener('click', stop);
    byId('add').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', ({ target }) => {
      this.#add(target.files);
      target.value = '';
    });
    this.field.addEventListener('input', () => this.#fit());
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    document.addEventListener('paste', ({ clipboardData }) => this.#add(clipboardData.files));
    this.#takeDrops();
    this.#show();
  }

  focus() {
    this.field.focus();
  }

  /** Takes a picture and the words of a question, to be changed or sent. */
  take(file, question) {
    this.#pictures = [];
    this.#add([file]);
    this.field.value = question;
    this.#fit();
    this.focus();
  }

  problem(sentence) {
    byId('composer-problem').textContent = sentence;
  }

  /** While an answer is running, Stop takes the place of Ask. */
  busy(isBusy) {
    this.#busy = isBusy;
    const stop = byId('stop');
    const hadFocus = document.activeElement === stop;
    stop.hidden = !isBusy;
    byId('send').hidden = isBusy;
    if (hadFocus) this.focus();
  }

  async #submit() {
    const text = this.field.value.trim();
    if (this.#busy || (text === '' && this.#pictures.length === 0)) return;
    const pictures = this.#pictures;
    this.busy(true);
    const images = (await Promise.all(pictures.map(({ uploaded }) => uploaded))).filter(Boolean);
    this.busy(false);
    // A picture that could not be used has taken itself off, and said why.
    if (images.length < pictures.length) return;
    this.#pictures = [];
    this.field.value = '';
    this.problem('');
    this.#show();
    this.#fit();
    await this.ask({ text, images });
  }

  #add(files) {
    for (const file of files) {
      // Browsers know no type of some formats, such as HEIC: the server looks at the content.
      if (!/^(image\/|$)/.test(file.type)) this.problem(`${file.name}: ${words.notAPicture}`);
      else if (file.size > maxImageBytes) this.problem(`${file.name}: ${words.tooLarge}`);
      else if (this.#pictures.length === maxImages) this.problem(words.tooManyPictures);
      else {
        this.problem('');
        this.#pictures.push(this.#upload(file));
      }
    }
    this.#show();
  }

  /** Sends a picture while the question is still being typed, so that the answer starts sooner. */
  #upload(file) {
    const removal = new AbortController();
    const pending = { file, url: URL.createObjectURL(file), ready: false, removal };
    const refuse = (reason) => {
      this.#remove(pending);
      this.problem(reason);
    };
    const send = async () => {
      const { digest, refused } = await uploadPicture(file, file.name, removal.signal);
      if (refused) return refuse(refused);
      await savePicture({ digest, name: file.name, blob: file }).catch(() => this.problem(words.storageFull));
      pending.ready = true;
      this.#show();
      return { digest, name: file.name };
    };
    pending.uploaded = send().catch(() => {
      if (!removal.signal.aborted) refuse(words.connectionLost);
    });
    return pending;
  }

  #remove(pending) {
    pending.removal.abort();
    this.#pictures = this.#pictures.filter((other) => other !== pending);
    URL.revokeObjectURL(pending.url);
    this.#show();
    this.focus();
  }

  #show() {
    byId('pictures').replaceChildren(...this.#pictures.map((pending) => this.#thumbnail(pending)));
    byId('add').disabled = this.#pictures.length === maxImages;
  }

  #thumbnail(pending) {
    const { name } = pending.file;
    return element(
      'li',
      { className: pending.ready ? 'ready' : 'preparing', title: pending.ready ? name : words.preparing },
      element('img', { src: pending.url, alt: name }),
      element(
        'button',
        {
          type: 'button',
          'aria-label': `${words.removePicture}: ${name}`,
          click: () => this.#remove(pending),
        },
        icon('close'),
      ),
    );
  }

  /** Lets the field grow with what is typed, up to where its style says that it scrolls. */
  #fit() {
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  #takeDrops() {
    const drop = byId('drop');
    const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
    document.addEventListener('dragenter', (event) => {
      if (hasFiles(event)) drop.hidden = false;
    });
    document.addEventListener('dragover', (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    document.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) drop.hidden = true;
    });
    document.addEventListener('drop', (event) => {
      drop.hidden = true;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.#add(event.dataTransfer.files);
      this.focus();
    });
  }
}
