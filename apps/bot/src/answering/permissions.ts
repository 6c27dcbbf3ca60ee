import type { BotConfig } from '../config/bot-config.js';
import type { Question } from '../contract/question.js';

type PermissionRefusal = 'not-allowed' | 'direct-messages-off';

/** What direct messages and the web page, which knows no accounts, are called in the lists. */
const listedAs = { direct: 'direct', web: 'web' } as const;

/** Why this question may not be asked, by the operator's lists; undefined when it may. */
export function findRefusal(
  question: Pick<Question, 'platform' | 'asker' | 'place'>,
  permissions: BotConfig['permissions'],
): PermissionRefusal | undefined {
  const { platform, asker, place } = question;
  const { users, roles, channels, servers } = permissions;
  if (place.direct && platform !== 'web' && !permissions.directMessages) return 'direct-messages-off';

  // A list holds everywhere. What has no role, channel or server to be listed by goes by the name of where it is.
  const elsewhere = platform === 'web' ? [listedAs.web] : place.direct ? [listedAs.direct] : [];
  const lists = [
    { list: users, ids: platform === 'web' ? elsewhere : [asker.id] },
    { list: roles, ids: [...asker.roles, ...elsewhere] },
    { list: channels, ids: [place.channel, ...elsewhere] },
    { list: servers, ids: place.server ? [place.server, ...elsewhere] : elsewhere },
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
