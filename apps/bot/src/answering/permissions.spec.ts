import { botConfig } from '../config/bot-config.js';
import { findRefusal } from './permissions.js';

const permissions = (given: unknown) => botConfig.parse({ permissions: given }).permissions;

const inServer = {
  platform: 'discord',
  asker: { id: 'ada', roles: ['artist'], moderator: false },
  place: { server: 'zoo', channel: 'cats', direct: false },
} as const;
const inDirectMessage = { ...inServer, place: { channel: 'dm', direct: true } } as const;

describe('who may ask', () => {
  it('is everybody when nothing is configured', () => {
    expect(findRefusal(inServer, permissions({}))).toBeUndefined();
    expect(findRefusal(inDirectMessage, permissions({}))).toBeUndefined();
  });

  it.each([
    ['users', 'ada'],
    ['roles', 'artist'],
    ['channels', 'cats'],
    ['servers', 'zoo'],
  ])('can be limited to some %s', (list, id) => {
    expect(findRefusal(inServer, permissions({ [list]: { allow: [id] } }))).toBeUndefined();
    expect(findRefusal(inServer, permissions({ [list]: { allow: ['another'] } }))).toBe('not-allowed');
    expect(findRefusal(inServer, permissions({ [list]: { deny: [id] } }))).toBe('not-allowed');
    expect(findRefusal(inServer, permissions({ [list]: { allow: [id], deny: [id] } }))).toBe('not-allowed');
  });

  it('needs one of several roles, and none of those that may not', () => {
    const asker = { id: 'ada', roles: ['artist', 'guest'], moderator: false };
    const withTwoRoles = { ...inServer, asker };
    expect(findRefusal(withTwoRoles, permissions({ roles: { allow: ['artist'] } }))).toBeUndefined();
    expect(findRefusal(withTwoRoles, permissions({ roles: { allow: ['guest'] } }))).toBeUndefined();
    expect(findRefusal(withTwoRoles, permissions({ roles: { allow: ['keeper'] } }))).toBe('not-allowed');
    for (const role of asker.roles) {
      expect(findRefusal(withTwoRoles, permissions({ roles: { deny: [role] } }))).toBe('not-allowed');
    }
  });

  it('is decided by every list that is given, not by any', () => {
    const both = { users: { allow: ['ada'] }, channels: { allow: ['dogs'] } };
    expect(findRefusal(inServer, permissions(both))).toBe('not-allowed');
  });

  it.each(['roles', 'channels', 'servers'])(
    'is in direct messages nobody when some %s are listed, unless "direct" is among them',
    (list) => {
      expect(findRefusal(inDirectMessage, permissions({ [list]: { allow: ['mine'] } }))).toBe('not-allowed');
      const withDirect = permissions({ [list]: { allow: ['mine', 'direct'] } });
      expect(findRefusal(inDirectMessage, withDirect)).toBeUndefined();
      expect(findRefusal(inDirectMessage, permissions({ [list]: { deny: ['direct'] } }))).toBe('not-allowed');
    },
  );

  it('is, where people brought the bot along, nobody when servers are listed', () => {
    const broughtAlong = { ...inServer, place: { channel: 'theirs', direct: false } };
    expect(findRefusal(broughtAlong, permissions({ servers: { allow: ['mine'] } }))).toBe('not-allowed');
    expect(findRefusal(broughtAlong, permissions({}))).toBeUndefined();
  });

  it('is decided in direct messages by the list of users, or by switching them off', () => {
    expect(findRefusal(inDirectMessage, permissions({ users: { allow: ['ada'] } }))).toBeUndefined();
    expect(findRefusal(inDirectMessage, permissions({ users: { deny: ['ada'] } }))).toBe('not-allowed');
    expect(findRefusal(inDirectMessage, permissions({ directMessages: false }))).toBe('direct-messages-off');
    expect(findRefusal(inServer, permissions({ directMessages: false }))).toBeUndefined();
  });

  it.each(['users', 'roles', 'channels', 'servers'])(
    'is nobody on the web page when some %s are listed, unless "web" is among them',
    (list) => {
      const onTheWeb = { ...inDirectMessage, platform: 'web' } as const;
      expect(findRefusal(onTheWeb, permissions({ directMessages: false }))).toBeUndefined();
      expect(findRefusal(onTheWeb, permissions({ [list]: { allow: ['mine'] } }))).toBe('not-allowed');
      expect(findRefusal(onTheWeb, permissions({ [list]: { allow: ['mine', 'web'] } }))).toBeUndefined();
      expect(findRefusal(onTheWeb, permissions({ [list]: { deny: ['web'] } }))).toBe('not-allowed');
    },
  );
});
