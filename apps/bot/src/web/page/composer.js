import { byId, element, icon } from './elements.js';
import { uploadPicture } from './server.js';
import { fill, maxImageBytes, maxImages, words } from './settings.js';
import { shrunk } from './shrink-picture.js';
import { picture, savePicture } from './storage.js';

/** Where a question is put together: its pictures and its words. */
export class Composer {
  #pictures = [];
  #busy = false;
  #limit = maxImages;
  /** The question that is asked anew, if one is. */
  #instead;

  constructor({ ask, stop, recall }) {
    this.send = ask;
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
      if (event.key === 'ArrowUp' && this.field.value === '') {
        this.#write(recall() ?? '');
        event.preventDefault();
      }
      if (event.key === 'Escape' && this.#instead) {
        this.#leaveEditing();
        event.preventDefault();
      }
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    document.addEventListener('paste', ({ clipboardData }) => this.#add(clipboardData?.files ?? []));
    this.#takeDrops();
    this.#show();
  }

  focus() {
    this.field.focus();
  }

  /** Asks about a picture at once. */
  async ask(file, question) {
    if (this.#busy) return;
    this.#pictures = [];
    this.#add([file]);
    this.#write(question);
    this.focus();
    await this.#submit();
  }

  /** Takes the words and pictures of an earlier question, which what is sent then replaces. */
  async edit(question) {
    this.#instead = question;
    this.#pictures = [];
    const kept = await Promise.all(question.images.map(({ digest }) => picture(digest)));
    this.#add(kept.filter(Boolean).map(({ blob, name }) => new File([blob], name, { type: blob.type })));
    this.#write(question.text);
    byId('editing').hidden = false;
    this.focus();
  }

  /** How many pictures the model tells apart, and the page may allow. */
  limit(most) {
    this.#limit = Math.min(maxImages, most);
    byId('file').multiple = this.#limit > 1;
    this.#show();
  }

  /** The digests of the pictures that are attached and not sent yet. */
  attached() {
    return this.#pictures.flatMap(({ digest }) => digest ?? []);
  }

  /** Says what is wrong, beside what was said before. */
  problem(sentence) {
    const problems = byId('composer-problem');
    if (sentence === '') problems.replaceChildren();
    else if (![...problems.children].some(({ textContent }) => textContent === sentence))
      problems.append(element('li', {}, sentence));
  }

  #write(text) {
    this.field.value = text;
    this.#fit();
  }

  #leaveEditing() {
    this.#instead = undefined;
    byId('editing').hidden = true;
    this.#pictures = [];
    this.#write('');
    this.#show();
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
    const instead = this.#instead;
    this.#leaveEditing();
    this.problem('');
    await this.send({ text, images, instead });
  }

  #add(files) {
    if (files.length > 0) this.problem('');
    for (const file of files) {
      // Browsers know no type of some formats, such as HEIC: the server looks at the content.
      if (!/^(image\/|$)/.test(file.type)) this.problem(`${file.name}: ${words.notAPicture}`);
      else if (this.#pictures.length >= this.#limit) this.problem(this.#tooMany());
      else this.#pictures.push(this.#upload(file));
    }
    this.#show();
  }

  #tooMany() {
    return this.#limit === 1 ? words.onePicture : fill(words.tooManyPictures, { limit: this.#limit });
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
      // The model sees a few hundred pixels a side: a photograph need not be sent whole.
      const blob = await shrunk(file);
      if (blob.size > maxImageBytes) return refuse(`${file.name}: ${words.tooLarge}`);
      const { digest, refused } = await uploadPicture(blob, file.name, removal.signal);
      if (refused) return refuse(refused);
      pending.digest = digest;
      await savePicture({ digest, name: file.name, blob }).catch(() => this.problem(words.storageFull));
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
    byId('add').disabled = this.#pictures.length >= this.#limit;
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
