import { SlackApiError } from '../api-error.js';
import type { Methods } from '../method.js';

/** Groups of people with a name of their own, such as @moderators. */
export const usergroupMethods: Methods = {
  'usergroups.list': {
    scopes: ['usergroups:read'],
    tier: 2,
    run: (_args, { store }) => ({
      usergroups: [...store.userGroups.keys()].map((id) => ({ id, handle: `group-${id.toLowerCase()}` })),
    }),
  },
  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    tier: 2,
    run(args, { store }) {
      const members = store.userGroups.get(args.required('usergroup'));
      if (members === undefined) throw new SlackApiError('no_such_subteam');
      return { users: [...members] };
    },
  },
};
