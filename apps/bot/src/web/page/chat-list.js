import { byId, element, icon } from './elements.js';
import { words } from './settings.js';
import { allChats } from './storage.js';

const narrow = matchMedia('(max-width: 800px)');

/** The chats of this browser, in the sidebar. */
export class ChatList {
  constructor({ open, remove }) {
    this.open = open;
    this.remove = remove;
    byId('open-sidebar').addEventListener('click', () => this.toggle(true));
    byId('close-sidebar').addEventListener('click', () => this.toggle(false));
    byId('sidebar-shade').addEventListener('click', () => this.toggle(false));
    byId('sidebar').addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.toggle(false);
    });
    narrow.addEventListener('change', () => this.toggle(false));
    this.toggle(false);

    const theme = byId('theme');
    theme.value = document.documentElement.dataset.theme ?? 'system';
    theme.addEventListener('change', () => {
      localStorage.setItem('theme', theme.value);
      if (theme.value === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme.value;
    });
  }

  async show(current) {
    const chats = await allChats();
    byId('no-chats').hidden = chats.length > 0;
    byId('chat-list').replaceChildren(...chats.map((chat) => this.#item(chat, chat.id === current.id)));
  }

  /** Opens or closes the sidebar where it lies over the page; on wide windows it is always there. */
  toggle(open) {
    const hidden = narrow.matches && !open;
    document.body.classList.toggle('sidebar-open', narrow.matches && open);
    byId('sidebar').inert = hidden;
    byId('sidebar-shade').hidden = !(narrow.matches && open);
    byId('open-sidebar').setAttribute('aria-expanded', String(open));
    if (narrow.matches && open) byId('close-sidebar').focus();
  }

  #item(chat, isCurrent) {
    return element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          className: 'chat',
          'aria-current': isCurrent ? 'true' : undefined,
          click: () => (isCurrent ? this.toggle(false) : this.open(chat)),
        },
        chat.title,
      ),
      element(
        'button',
        {
          type: 'button',
          className: 'icon-button small',
          'aria-label': `${words.deleteChat}: ${chat.title}`,
          title: words.deleteChat,
          click: () => this.remove(chat),
        },
        icon('trash'),
      ),
    );
  }
}
