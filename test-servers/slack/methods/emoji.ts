import type { Methods } from '../method.js';

/** The workspace's own emoji: an address, or the name of another behind `alias:`. */
export const emojiMethods: Methods = {
  'emoji.list': {
    scopes: ['emoji:read'],
    tier: 2,
    run: (_args, { store }) => ({ emoji: Object.fromEntries(store.emoji) }),
  },
};
