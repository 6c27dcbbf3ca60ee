import { SlackApiError } from '../api-error.js';
import type { Methods } from '../method.js';

/** Who the app is and who the people are. */
export const identityMethods: Methods = {
  'auth.test': {
    scopes: [],
    tier: 4,
    run: (_args, { store }) => ({
      url: `https://${store.team.domain}.slack.com/`,
      team: store.team.name,
      team_id: store.team.id,
      user: store.bot.name,
      user_id: store.bot.id,
      bot_id: store.botId,
      is_enterprise_install: false,
    }),
  },
  'apps.connections.open': {
    scopes: [],
    // Documented as tier 1, whose "1+" leaves room for reconnecting; how much is not published.
    tier: 2,
    token: 'app',
    run: (_args, { sockets, baseUrl }) => ({ url: sockets.openConnection(baseUrl()) }),
  },
  'users.info': {
    scopes: ['users:read'],
    tier: 4,
    run(args, { store }) {
      const person = store.people.get(args.required('user'));
      if (person === undefined) throw new SlackApiError('user_not_found');
      return {
        user: {
          id: person.id,
          team_id: store.team.id,
          name: person.name.toLowerCase(),
          real_name: person.name,
          profile: { display_name: person.name },
          is_admin: person.isAdmin,
          is_owner: false,
          is_bot: person.isBot,
          ...(args.flag('include_locale') ? { locale: person.locale } : {}),
        },
      };
    },
  },
};
