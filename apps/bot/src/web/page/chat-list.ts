import { byId } from '/shared/elements.js';

import type { Chat } from './chat.js';
import { element, icon } from './elements.js';
import { words } from './settings.js';
import { allChats, picture } from './storage.js';

const narrow = matchMedia('(max-width: 800px)');

/** The chats of this browser, in the sidebar. */
export class ChatList {
  readonly #search = byId('search', HTMLInputElement);
  #current: Chat | undefined;

  constructor(private readonly actions: { open(chat: Chat): void; remove(chat: Chat): void }) {
    byId('open-sidebar').addEventListener('click', () => this.toggle(true));
    byId('close-sidebar').addEventListener('click', () => this.toggle(false));
    byId('sidebar-shade').addEventListener('click', () => this.toggle(false));
    byId('sidebar').addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !narrow.matches) return;
      event.preventDefault();
      this.toggle(false);
    });
    this.#search.addEventListener('input', () => {
      if (this.#current) this.show(this.#current);
    });
    narrow.addEventListener('change', () => this.toggle(false));
    this.toggle(false);

    const theme = byId('theme', HTMLSelectElement);
    theme.value = document.documentElement.dataset.theme ?? 'system';
    theme.addEventListener('change', () => {
      localStorage.setItem('theme', theme.value);
      if (theme.value === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme.value;
    });
  }

  async show(current: Chat): Promise<void> {
    this.#current = current;
    const all = await allChats();
    byId('no-chats').hidden = all.length > 0;
    this.#search.hidden = all.length < 2;
    const wanted = this.#search.value.trim().toLowerCase();
    const chats = all.filter(({ title, messages }) =>
      [title, ...messages.map(({ text }) => text)].join('\n').toLowerCase().includes(wanted),
    );
    byId('chat-list').replaceChildren(...chats.map((chat) => this.#item(chat, chat.id === current.id)));
  }

  /** Opens or closes the sidebar where it lies over the page; on wide windows it is always there. */
  toggle(open: boolean): void {
    const hidden = narrow.matches && !open;
    document.body.classList.toggle('sidebar-open', narrow.matches && open);
    byId('sidebar').inert = hidden;
    byId('sidebar-shade').hidden = !(narrow.matches && open);
    byId('open-sidebar').setAttribute('aria-expanded', String(open));
    if (narrow.matches && open) byId('close-sidebar').focus();
  }

  #item(chat: Chat, isCurrent: boolean): HTMLElement {
    return element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          className: 'chat',
          'aria-current': isCurrent ? 'true' : undefined,
          click: () => (isCurrent ? this.toggle(false) : this.actions.open(chat)),
        },
        ...thumbnail(chat),
        element('span', {}, chat.title),
      ),
      element(
        'button',
        {
          type: 'button',
          className: 'icon-button small',
          'aria-label': `${words.deleteChat}: ${chat.title}`,
          title: words.deleteChat,
          click: () => this.actions.remove(chat),
        },
        icon('trash'),
      ),
    );
  }
}

/** A chat's first picture. */
function thumbnail({ messages }: Chat): HTMLElement[] {
  const first = messages.flatMap(({ images }) => images)[0];
  if (!first) return [];
  const image = element('img', { alt: '', width: 28, height: 28 });
  picture(first.digest).then((kept) => {
    if (kept) image.src = URL.createObjectURL(kept.blob);
    image.onload = () => URL.revokeObjectURL(image.src);
  });
  return [image];
}
