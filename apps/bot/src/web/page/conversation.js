import { announce, byId, copyText, element, icon } from './elements.js';
import { showMarkdown } from './markdown.js';
import { sendFeedback } from './server.js';
import { words } from './settings.js';
import { picture } from './storage.js';

/** The messages of the chat that is open. */
export class Conversation {
  constructor({ again, writeAltText }) {
    this.again = again;
    this.writeAltText = writeAltText;
    this.list = byId('conversation');
    this.scroll = byId('scroll');
    this.show([]);
  }

  show(messages) {
    this.list.replaceChildren();
    this.pictures = undefined;
    byId('welcome').hidden = messages.length > 0;
    for (const message of messages) this.add(message);
  }

  /** Shows a further message. `update` shows it again after it changed. */
  add(message) {
    byId('welcome').hidden = true;
    if (message.images.length > 0) this.pictures = message;
    const { pictures } = this;
    const item = message.author === 'user' ? questionItem(message) : this.#answerItem();
    this.list.append(item);
    const update = () => this.#update(item, message, pictures);
    if (message.author === 'bot') update();
    this.scroll.scrollTop = this.scroll.scrollHeight;
    return { update };
  }

  removeLast() {
    this.list.lastElementChild?.remove();
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
    const atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
    const over = message.state !== 'thinking' && message.state !== 'streaming';
    const [text, status, notes, actions] = ['.text', '.status', '.notes', '.actions'].map((part) =>
      item.querySelector(part),
    );
    item.dataset.state = message.state;
    item.setAttribute('aria-busy', String(!over));
    showMarkdown(text, message.text, !over);
    status.textContent = message.status ?? '';
    notes.replaceChildren(...message.notes.map((note) => element('li', {}, note)));
    actions.replaceChildren(...(over ? this.#actions(message, pictures) : []));
    if (over && item.dataset.announced !== message.text) {
      item.dataset.announced = message.text;
      announce([message.text, message.status, ...message.notes].filter(Boolean).join(' '));
    }
    if (atEnd) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  /** @param pictures the latest message with pictures before this one, if there is any */
  #actions(message, pictures) {
    const again = actionButton('again', words.regenerate, () => this.again(), 'only-last');
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
    ];
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

function questionItem(message) {
  const pictures = message.images.map(({ digest, name }) => pictureItem(digest, name));
  return element(
    'li',
    { className: 'question' },
    element('h2', { className: 'visually-hidden' }, words.you),
    ...(pictures.length > 0 ? [element('div', { className: 'shown-pictures' }, ...pictures)] : []),
    ...(message.text ? [element('p', { className: 'bubble' }, message.text)] : []),
  );
}

function pictureItem(digest, name) {
  const image = element('img', { alt: name, title: name });
  picture(digest).then((kept) => {
    if (kept) image.src = URL.createObjectURL(kept.blob);
    image.onload = () => URL.revokeObjectURL(image.src);
  });
  return image;
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
