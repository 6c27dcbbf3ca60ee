import type { BotConfig } from '../config/bot-config.js';
import type { Question } from './question.js';

export type PermissionRefusal = 'not-allowed' | 'direct-messages-off';

/** Why this question may not be asked, by the operator's lists; undefined when it may. */
export function permissionRefusal(
  question: Pick<Question, 'platform' | 'asker' | 'place'>,
  permissions: BotConfig['permissions'],
): PermissionRefusal | undefined {
  const { platform, asker, place } = question;
  // The web page knows no accounts; who may open it is decided by where it listens.
  if (platform === 'web') return undefined;
  const { users, roles, channels, servers } = permissions;
  if (place.direct && !permissions.directMessages) return 'direct-messages-off';

  // A direct message has no roles, channel or server to be listed by: the users' list alone decides.
  const lists = place.direct
    ? [{ list: users, ids: [asker.id] }]
    : [
        { list: users, ids: [asker.id] },
        { list: roles, ids: asker.roles },
        { list: channels, ids: [place.channel] },
        { list: servers, ids: place.server ? [place.server] : [] },
      ];
  const allowed = lists.every(({ list, ids }) => mayPass(list, ids));
  return allowed ? undefined : 'not-allowed';
}

function mayPass(
  list: { allow: readonly string[]; deny: readonly string[] },
  ids: readonly string[],
): boolean {
  if (ids.some((id) => list.deny.includes(id))) return false;
  return list.allow.length === 0 || ids.some((id) => list.allow.includes(id));
}
