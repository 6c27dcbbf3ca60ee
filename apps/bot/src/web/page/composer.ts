import { byId } from '/shared/elements.js';

import type { NamedImage } from '../protocol.js';
import type { Question } from './chat.js';
import { element, icon } from './elements.js';
import { uploadPicture } from './server.js';
import { fill, maxImageBytes, maxImages, words } from './settings.js';
import { shrunk } from './shrink-picture.js';
import { picture, savePicture } from './storage.js';

/** A question as it was put together. */
export interface Composed {
  readonly text: string;
  readonly images: NamedImage[];
  /** The question that it replaces. */
  readonly instead?: Question | undefined;
}

/** A picture on its way to the server. */
interface Pending {
  readonly file: File;
  readonly url: string;
  readonly removal: AbortController;
  digest?: string;
  ready: boolean;
}

interface Attached extends Pending {
  /** Resolves to undefined for a picture that cannot be used. */
  readonly uploaded: Promise<NamedImage | undefined>;
}

/** Where a question is put together: its pictures and its words. */
export class Composer {
  readonly #field = byId('question', HTMLTextAreaElement);
  readonly #file = byId('file', HTMLInputElement);
  #pictures: Attached[] = [];
  #busy = false;
  #limit = maxImages;
  /** The question that is asked anew, if one is. */
  #instead: Question | undefined;

  constructor(
    private readonly actions: {
      ask(question: Composed): Promise<void>;
      stop(): void;
      recall(): string | undefined;
    },
  ) {
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId('stop').addEventListener('click', () => actions.stop());
    byId('add').addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => {
      this.#add([...(this.#file.files ?? [])]);
      this.#file.value = '';
    });
    this.#field.addEventListener('input', () => this.#fit());
    this.#field.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowUp' && this.#field.value === '') {
        this.#write(actions.recall() ?? '');
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
    document.addEventListener('paste', ({ clipboardData }) => this.#add([...(clipboardData?.files ?? [])]));
    this.#takeDrops();
    this.#show();
  }

  focus(): void {
    this.#field.focus();
  }

  /** Asks about a picture at once. */
  async ask(file: File, question: string): Promise<void> {
    if (this.#busy) return;
    this.#pictures = [];
    this.#add([file]);
    this.#write(question);
    this.focus();
    await this.#submit();
  }

  /** Takes the words and pictures of an earlier question, which what is sent then replaces. */
  async edit(question: Question): Promise<void> {
    this.#instead = question;
    this.#pictures = [];
    const kept = await Promise.all(question.images.map(({ digest }) => picture(digest)));
    this.#add(
      kept.flatMap((found) => (found ? new File([found.blob], found.name, { type: found.blob.type }) : [])),
    );
    this.#write(question.text);
    byId('editing').hidden = false;
    this.focus();
  }

  /** How many pictures the model tells apart, and the page may allow. */
  limit(most: number): void {
    this.#limit = Math.min(maxImages, most);
    this.#file.multiple = this.#limit > 1;
    this.#show();
  }

  /** The digests of the pictures that are attached and not sent yet. */
  attached(): string[] {
    return this.#pictures.flatMap(({ digest }) => digest ?? []);
  }

  /** Says what is wrong, beside what was said before. */
  problem(sentence: string): void {
    const problems = byId('composer-problem');
    if (sentence === '') problems.replaceChildren();
    else if (![...problems.children].some(({ textContent }) => textContent === sentence))
      problems.append(element('li', {}, sentence));
  }

  #write(text: string): void {
    this.#field.value = text;
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
  busy(isBusy: boolean): void {
    this.#busy = isBusy;
    const stop = byId('stop');
    const hadFocus = document.activeElement === stop;
    stop.hidden = !isBusy;
    byId('send').hidden = isBusy;
    if (hadFocus) this.focus();
  }

  async #submit() {
    const text = this.#field.value.trim();
    if (this.#busy || (text === '' && this.#pictures.length === 0)) return;
    const pictures = this.#pictures;
    this.busy(true);
    const uploads = await Promise.all(pictures.map(({ uploaded }) => uploaded));
    this.busy(false);
    // A picture that could not be used has taken itself off, and said why.
    const images = uploads.filter((upload) => upload !== undefined);
    if (images.length < pictures.length) return;
    const instead = this.#instead;
    this.#leaveEditing();
    this.problem('');
    await this.actions.ask({ text, images, instead });
  }

  #add(files: readonly File[]): void {
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
  #upload(file: File): Attached {
    const removal = new AbortController();
    const pending: Pending = { file, url: URL.createObjectURL(file), ready: false, removal };
    const refuse = (reason: string) => {
      this.#remove(pending);
      this.problem(reason);
    };
    const send = async (): Promise<NamedImage | undefined> => {
      // The model sees a few hundred pixels a side: a photograph need not be sent whole.
      const blob = await shrunk(file);
      if (blob.size > maxImageBytes) {
        refuse(`${file.name}: ${words.tooLarge}`);
        return;
      }
      const { digest, refused } = await uploadPicture(blob, file.name, removal.signal);
      if (refused) {
        refuse(refused);
        return;
      }
      pending.digest = digest;
      await savePicture({ digest, name: file.name, blob }).catch(() => this.problem(words.storageFull));
      pending.ready = true;
      this.#show();
      return { digest, name: file.name };
    };
    const uploaded = send().catch(() => {
      if (!removal.signal.aborted) refuse(words.connectionLost);
      return undefined;
    });
    return Object.assign(pending, { uploaded });
  }

  #remove(pending: Pending): void {
    pending.removal.abort();
    this.#pictures = this.#pictures.filter((other) => other !== pending);
    URL.revokeObjectURL(pending.url);
    this.#show();
    this.focus();
  }

  #show() {
    byId('pictures').replaceChildren(...this.#pictures.map((pending) => this.#thumbnail(pending)));
    byId('add', HTMLButtonElement).disabled = this.#pictures.length >= this.#limit;
  }

  #thumbnail(pending: Pending): HTMLElement {
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
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #takeDrops() {
    const drop = byId('drop');
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files');
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
      this.#add([...(event.dataTransfer?.files ?? [])]);
      this.focus();
    });
  }
}
