import { announce, byId, copyText, element, icon } from './elements.js';
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

/** The messages of the chat that is open. */
export class Conversation {
  #items = new Map();
  #clock;

  constructor({ again, ask, edit, remove, writeAltText }) {
    this.again = again;
    this.ask = ask;
    this.edit = edit;
    this.remove = remove;
    this.writeAltText = writeAltText;
    this.list = byId('conversation');
    this.scroll = byId('scroll');
    const newest = byId('newest');
    newest.addEventListener('click', () => this.#toEnd());
    this.scroll.addEventListener('scroll', () => {
      newest.hidden = this.#isAtEnd();
    });
  }

  /** @param stay leaves the page scrolled where it is */
  show({ messages }, { stay = false } = {}) {
    const top = this.scroll.scrollTop;
    this.list.replaceChildren();
    this.#items.clear();
    this.pictures = undefined;
    byId('welcome').hidden = messages.length > 0;
    for (const message of messages) this.add(message);
    if (stay) this.scroll.scrollTop = top;
    byId('newest').hidden = this.#isAtEnd();
  }

  /** Shows a further message. `update` shows it again after it changed. */
  add(message) {
    byId('welcome').hidden = true;
    if (message.images.length > 0) this.pictures = message;
    const item = message.author === 'user' ? this.#questionItem(message) : this.#answerItem();
    this.#items.set(message.id, { item, pictures: this.pictures });
    this.list.append(item);
    if (message.author === 'bot') this.update(message);
    this.#toEnd();
  }

  /** Shows a message again, if it is in the chat that is open. */
  update(message) {
    const shown = this.#items.get(message.id);
    if (shown && message.author === 'bot') this.#update(shown.item, message, shown.pictures);
  }

  #isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  #answerItem() {
    return element(
      'li',
      { className: 'answer' },
      element('h2', { className: 'visually-hidden' }, words.bot),
      element('div', { className: 'text' }),
      element('p', { className: 'status' }),
      element('ul', { className: 'notes' }),
      element('div', { className: 'actions' }),
    );
  }

  #update(item, message, pictures) {
    const atEnd = this.#isAtEnd();
    const over = message.state !== 'thinking' && message.state !== 'streaming';
    const [text, status, notes, actions] = ['.text', '.status', '.notes', '.actions'].map((part) =>
      item.querySelector(part),
    );
    item.dataset.state = message.state;
    item.setAttribute('aria-busy', String(!over));
    showMarkdown(text, message.text, !over);
    status.textContent = statusOf(message, over);
    notes.replaceChildren(...message.notes.map((note) => element('li', {}, note)));
    actions.replaceChildren(...(over ? this.#actions(message, pictures) : []));
    if (over && item.dataset.announced !== message.text) {
      item.dataset.announced = message.text;
      announce([message.text, message.status, ...message.notes].filter(Boolean).join(' '));
    }
    this.#countDown(message);
    if (atEnd) this.#toEnd();
    byId('newest').hidden = this.#isAtEnd();
  }

  /** At a limit, says each second when the question can be asked again. */
  #countDown(message) {
    if (!message.retryAt || message.retryAt < Date.now()) return;
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.update(message), 1_000);
  }

  /** @param pictures the latest message with pictures before this one, if there is any */
  #actions(message, pictures) {
    const again = actionButton('again', words.regenerate, () => this.again(), 'only-last');
    again.disabled = message.retryAt > Date.now();
    if (message.state !== 'done') labelled(again, words.regenerate);
    if (message.text === '') return [again];
    return [
      actionButton('copy', words.copy, async (button) => {
        await copyText(message.text);
        confirm(button, words.copied);
      }),
      ...(pictures ? [this.#altTextButton(pictures)] : []),
      again,
      ...(message.state === 'done' ? [voteButton('up', words.good), voteButton('down', words.bad)] : []),
      ...(message.measured
        ? [element('span', { className: 'measured' }, measuredText(message.measured))]
        : []),
      ...(message.state === 'done' && pictures ? [this.#suggestions(message)] : []),
    ];
  }

  /** Questions that show what the model can do. It answers in English, so they ask in it. */
  #suggestions({ text }) {
    const chips = suggestions
      .filter(({ unless }) => !unless.test(text))
      .slice(0, 3)
      .map(({ question }) =>
        element(
          'button',
          { type: 'button', className: 'suggestion', click: () => this.ask(question) },
          question,
        ),
      );
    return element(
      'div',
      { className: 'suggestions only-last', role: 'group', 'aria-label': words.suggestions },
      ...chips,
    );
  }

  #questionItem(message) {
    const pictures = message.images.map(({ digest, name }) => pictureItem(digest, name));
    return element(
      'li',
      { className: 'question' },
      element('h2', { className: 'visually-hidden' }, words.you),
      ...(pictures.length > 0 ? [element('div', { className: 'shown-pictures' }, ...pictures)] : []),
      ...(message.text ? [element('p', { className: 'bubble' }, message.text)] : []),
      element(
        'div',
        { className: 'actions' },
        actionButton('edit', words.edit, () => this.edit(message)),
        actionButton('trash', words.deleteMessage, () => this.remove(message)),
      ),
    );
  }

  /** With its name in sight: nobody would look for alt text behind a symbol. */
  #altTextButton(pictures) {
    const button = actionButton('alt', words.copyAltText, () => this.#altText(button, pictures));
    return labelled(button, words.copyAltText);
  }

  /** Writes alt text below the answer, and copies it. */
  async #altText(button, pictures) {
    const item = button.closest('li.answer');
    item.querySelector('.alt-text')?.remove();
    const shown = element('p', { className: 'alt-text' }, words.altTextWriting);
    item.append(shown);
    button.disabled = true;
    try {
      const text = await this.writeAltText(pictures);
      const copied = await copyText(text).then(
        () => words.altTextCopied,
        () => '',
      );
      shown.replaceChildren(element('span', { className: 'alt-label' }, words.copyAltText), text);
      announce(`${text} ${copied}`);
      if (copied) confirm(button, copied);
    } catch (error) {
      shown.textContent = error.message || words.connectionLost;
    }
    button.disabled = false;
    shown.scrollIntoView({ block: 'nearest' });
  }
}

/** How long an answer has taken stands beside what is happening, until there is one. */
function statusOf({ status = '', state, begun, retryAt }, over) {
  if (retryAt && over) {
    const seconds = Math.ceil((retryAt - Date.now()) / 1_000);
    return seconds > 0 ? status.replace(/\d+/, seconds) : words.askAgainNow;
  }
  const seconds = Math.floor((Date.now() - begun) / 1_000);
  if (state !== 'thinking' || seconds < 1 || /\d/.test(status)) return status;
  return seconds < slowAfterSeconds
    ? `${status} ${fill(words.seconds, { seconds })}`
    : fill(words.slow, { seconds });
}

function measuredText({ seconds, tokensPerSecond }) {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const time = fill(words.seconds, { seconds: format.format(seconds) });
  return tokensPerSecond
    ? `${time} · ${fill(words.speed, { tokens: format.format(tokensPerSecond) })}`
    : time;
}

/** A picture, which opens large. */
function pictureItem(digest, name) {
  const image = element('img', { alt: name, title: name });
  picture(digest).then((kept) => {
    if (kept) image.src = URL.createObjectURL(kept.blob);
  });
  const enlarge = () => {
    byId('large-picture').replaceChildren(element('img', { src: image.src, alt: name }));
    byId('large').showModal();
  };
  const label = fill(words.enlarge, { name });
  return element(
    'button',
    { type: 'button', className: 'picture', 'aria-label': label, click: enlarge },
    image,
  );
}

function actionButton(symbol, label, act, className = '') {
  const button = element(
    'button',
    { type: 'button', className: `action ${className}`, title: label, 'aria-label': label },
    icon(symbol),
  );
  button.addEventListener('click', () => act(button));
  return button;
}

/** Puts a button's name in sight. */
function labelled(button, label) {
  button.classList.add('labelled');
  button.removeAttribute('aria-label');
  button.append(label);
  return button;
}

function voteButton(vote, label) {
  return actionButton(vote, label, async (button) => {
    for (const other of button.parentElement.querySelectorAll('[aria-pressed]'))
      other.setAttribute('aria-pressed', 'false');
    button.setAttribute('aria-pressed', 'true');
    await sendFeedback(vote);
    confirm(button, words.thanks);
  });
}

/** Says beside a button, for a moment, that it did what it says. */
function confirm(button, text) {
  announce(text);
  button.dataset.done = text;
  setTimeout(() => delete button.dataset.done, 1_500);
}
