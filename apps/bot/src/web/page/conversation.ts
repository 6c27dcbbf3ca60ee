import { announce, byId } from '/shared/elements.js';

import type { FeedbackRequest, NamedImage } from '../protocol.js';
import type { Answer, Chat, Message, Question } from './chat.js';
import { copyText, element, icon } from './elements.js';
import { showMarkdown } from './markdown.js';
import { sendFeedback } from './server.js';
import { fill, locale, words } from './settings.js';
import { picture } from './storage.js';

/** People who wait this long for the first word wonder whether anybody is there. */
const slowAfterSeconds = 10;

const suggestions = [
  { question: 'Describe this image in detail.', unless: /^The image shows/ },
  { question: 'What is the background color?', unless: /background is/i },
  { question: 'How many things are there?', unless: /^There (?:are|is)/ },
  { question: 'What is this?', unless: /^It is/ },
];

/** An answer's place in the list. */
interface AnswerItem {
  readonly item: HTMLElement;
  readonly text: HTMLElement;
  readonly status: HTMLElement;
  readonly notes: HTMLElement;
  readonly actions: HTMLElement;
  /** The latest message with pictures before it, if there is any. */
  readonly pictures: Message | undefined;
}

/** The messages of the chat that is open. */
export class Conversation {
  readonly #list = byId('conversation');
  readonly #scroll = byId('scroll');
  readonly #newest = byId('newest');
  readonly #answers = new Map<string, AnswerItem>();
  #pictures: Message | undefined;
  #clock: number | undefined;

  constructor(
    private readonly actions: {
      again(): void;
      ask(question: string): void;
      edit(question: Question): void;
      remove(question: Question): void;
      writeAltText(pictures: Message): Promise<string>;
    },
  ) {
    this.#newest.addEventListener('click', () => this.#toEnd());
    this.#scroll.addEventListener('scroll', () => {
      this.#newest.hidden = this.#isAtEnd();
    });
  }

  /** @param stay leaves the page scrolled where it is */
  show({ messages }: Chat, { stay = false } = {}): void {
    const top = this.#scroll.scrollTop;
    this.#list.replaceChildren();
    this.#answers.clear();
    this.#pictures = undefined;
    byId('welcome').hidden = messages.length > 0;
    for (const message of messages) this.add(message);
    if (stay) this.#scroll.scrollTop = top;
    this.#newest.hidden = this.#isAtEnd();
  }

  /** Shows a further message. `update` shows it again after it changed. */
  add(message: Message): void {
    byId('welcome').hidden = true;
    if (message.images.length > 0) this.#pictures = message;
    if (message.author === 'user') {
      this.#list.append(this.#questionItem(message));
    } else {
      const shown = answerItem(this.#pictures);
      this.#answers.set(message.id, shown);
      this.#list.append(shown.item);
      this.update(message);
    }
    this.#toEnd();
  }

  /** Shows an answer again, if it is in the chat that is open. */
  update(message: Answer): void {
    const shown = this.#answers.get(message.id);
    if (!shown) return;
    const { item, text, status, notes, actions } = shown;
    const atEnd = this.#isAtEnd();
    const over = message.state !== 'thinking' && message.state !== 'streaming';
    item.dataset.state = message.state;
    item.setAttribute('aria-busy', String(!over));
    showMarkdown(text, message.text, !over);
    status.textContent = statusOf(message, over);
    notes.replaceChildren(...message.notes.map((note) => element('li', {}, note)));
    actions.replaceChildren(...(over ? this.#actions(message, shown) : []));
    if (over && item.dataset.announced !== message.text) {
      item.dataset.announced = message.text;
      announce([message.text, message.status, ...message.notes].filter(Boolean).join(' '));
    }
    this.#countDown(message);
    if (atEnd) this.#toEnd();
    this.#newest.hidden = this.#isAtEnd();
  }

  #isAtEnd(): boolean {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < 80;
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** At a limit, says each second when the question can be asked again. */
  #countDown(message: Answer): void {
    if (!message.retryAt || message.retryAt < Date.now()) return;
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.update(message), 1_000);
  }

  #actions(message: Answer, { item, pictures }: AnswerItem): HTMLElement[] {
    const again = actionButton('again', words.regenerate, () => this.actions.again(), 'only-last');
    again.disabled = (message.retryAt ?? 0) > Date.now();
    if (message.state !== 'done') labelled(again, words.regenerate);
    if (message.text === '') return [again];
    return [
      actionButton('copy', words.copy, async (button) => {
        await copyText(message.text);
        confirm(button, words.copied);
      }),
      ...(pictures ? [this.#altTextButton(item, pictures)] : []),
      again,
      ...(message.state === 'done' ? [voteButton('up', words.good), voteButton('down', words.bad)] : []),
      ...(message.measured
        ? [element('span', { className: 'measured' }, measuredText(message.measured))]
        : []),
      ...(message.state === 'done' && pictures ? [this.#suggestions(message)] : []),
    ];
  }

  /** Questions that show what the model can do. It answers in English, so they ask in it. */
  #suggestions({ text }: Answer): HTMLElement {
    const chips = suggestions
      .filter(({ unless }) => !unless.test(text))
      .slice(0, 3)
      .map(({ question }) =>
        element(
          'button',
          { type: 'button', className: 'suggestion', click: () => this.actions.ask(question) },
          question,
        ),
      );
    return element(
      'div',
      { className: 'suggestions only-last', role: 'group', 'aria-label': words.suggestions },
      ...chips,
    );
  }

  #questionItem(message: Question): HTMLElement {
    const pictures = message.images.map(pictureItem);
    return element(
      'li',
      { className: 'question' },
      element('h2', { className: 'visually-hidden' }, words.you),
      ...(pictures.length > 0 ? [element('div', { className: 'shown-pictures' }, ...pictures)] : []),
      ...(message.text ? [element('p', { className: 'bubble' }, message.text)] : []),
      element(
        'div',
        { className: 'actions' },
        actionButton('edit', words.edit, () => this.actions.edit(message)),
        actionButton('trash', words.deleteMessage, () => this.actions.remove(message)),
      ),
    );
  }

  /** With its name in sight: nobody would look for alt text behind a symbol. */
  #altTextButton(item: HTMLElement, pictures: Message): HTMLElement {
    const button = actionButton('alt', words.copyAltText, () => this.#altText(button, item, pictures));
    return labelled(button, words.copyAltText);
  }

  /** Writes alt text below the answer, and copies it. */
  async #altText(button: HTMLButtonElement, item: HTMLElement, pictures: Message): Promise<void> {
    item.querySelector('.alt-text')?.remove();
    const shown = element('p', { className: 'alt-text' }, words.altTextWriting);
    item.append(shown);
    button.disabled = true;
    try {
      const text = await this.actions.writeAltText(pictures);
      const copied = await copyText(text).then(
        () => words.altTextCopied,
        () => '',
      );
      shown.replaceChildren(element('span', { className: 'alt-label' }, words.copyAltText), text);
      announce(`${text} ${copied}`);
      if (copied) confirm(button, copied);
    } catch (error) {
      shown.textContent = (error instanceof Error && error.message) || words.connectionLost;
    }
    button.disabled = false;
    shown.scrollIntoView({ block: 'nearest' });
  }
}

function answerItem(pictures: Message | undefined): AnswerItem {
  const text = element('div', { className: 'text' });
  const status = element('p', { className: 'status' });
  const notes = element('ul', { className: 'notes' });
  const actions = element('div', { className: 'actions' });
  const heading = element('h2', { className: 'visually-hidden' }, words.bot);
  const item = element('li', { className: 'answer' }, heading, text, status, notes, actions);
  return { item, text, status, notes, actions, pictures };
}

/** How long an answer has taken stands beside what is happening, until there is one. */
function statusOf({ status = '', state, begun, retryAt }: Answer, over: boolean): string {
  if (retryAt && over) {
    const seconds = Math.ceil((retryAt - Date.now()) / 1_000);
    return seconds > 0 ? status.replace(/\d+/, String(seconds)) : words.askAgainNow;
  }
  const seconds = Math.floor((Date.now() - begun) / 1_000);
  if (state !== 'thinking' || seconds < 1 || /\d/.test(status)) return status;
  return seconds < slowAfterSeconds
    ? `${status} ${fill(words.seconds, { seconds })}`
    : fill(words.slow, { seconds });
}

function measuredText({ seconds, tokensPerSecond }: NonNullable<Answer['measured']>): string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const time = fill(words.seconds, { seconds: format.format(seconds) });
  return tokensPerSecond
    ? `${time} · ${fill(words.speed, { tokens: format.format(tokensPerSecond) })}`
    : time;
}

/** A picture, which opens large. */
function pictureItem({ digest, name }: NamedImage): HTMLElement {
  const image = element('img', { alt: name, title: name });
  picture(digest).then((kept) => {
    if (kept) image.src = URL.createObjectURL(kept.blob);
  });
  const enlarge = () => {
    byId('large-picture').replaceChildren(element('img', { src: image.src, alt: name }));
    byId('large', HTMLDialogElement).showModal();
  };
  const label = fill(words.enlarge, { name });
  return element(
    'button',
    { type: 'button', className: 'picture', 'aria-label': label, click: enlarge },
    image,
  );
}

function actionButton(
  symbol: string,
  label: string,
  act: (button: HTMLButtonElement) => void,
  className = '',
): HTMLButtonElement {
  const button = element(
    'button',
    { type: 'button', className: `action ${className}`, title: label, 'aria-label': label },
    icon(symbol),
  );
  button.addEventListener('click', () => act(button));
  return button;
}

/** Puts a button's name in sight. */
function labelled(button: HTMLButtonElement, label: string): HTMLButtonElement {
  button.classList.add('labelled');
  button.removeAttribute('aria-label');
  button.append(label);
  return button;
}

function voteButton(vote: FeedbackRequest['vote'], label: string): HTMLElement {
  return actionButton(vote, label, async (button) => {
    for (const other of button.parentElement?.querySelectorAll('[aria-pressed]') ?? [])
      other.setAttribute('aria-pressed', 'false');
    button.setAttribute('aria-pressed', 'true');
    await sendFeedback(vote);
    confirm(button, words.thanks);
  });
}

/** Says beside a button, for a moment, that it did what it says. */
function confirm(button: HTMLElement, text: string): void {
  announce(text);
  button.dataset.done = text;
  setTimeout(() => delete button.dataset.done, 1_500);
}
