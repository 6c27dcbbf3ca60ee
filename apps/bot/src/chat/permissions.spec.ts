import { botConfig } from '../config/bot-config.js';
import { permissionRefusal } from './permissions.js';

const permissions = (given: unknown) => botConfig.parse({ permissions: given }).permissions;

const inServer = {
  platform: 'discord',
  asker: { id: 'ada', roles: ['artist'], moderator: false },
  place: { server: 'zoo', channel: 'cats', direct: false },
} as const;
const inDirectMessage = { ...inServer, place: { channel: 'dm', direct: true } } as const;

describe('who may ask', () => {
  it('is everybody when nothing is configured', () => {
    expect(permissionRefusal(inServer, permissions({}))).toBeUndefined();
    expect(permissionRefusal(inDirectMessage, permissions({}))).toBeUndefined();
  });

  it.each([
    ['users', 'ada'],
    ['roles', 'artist'],
    ['channels', 'cats'],
    ['servers', 'zoo'],
  ])('can be limited to some %s', (list, id) => {
    expect(permissionRefusal(inServer, permissions({ [list]: { allow: [id] } }))).toBeUndefined();
    expect(permissionRefusal(inServer, permissions({ [list]: { allow: ['another'] } }))).toBe('not-allowed');
    expect(permissionRefusal(inServer, permissions({ [list]: { deny: [id] } }))).toBe('not-allowed');
    expect(permissionRefusal(inServer, permissions({ [list]: { allow: [id], deny: [id] } }))).toBe(
      'not-allowed',
    );
  });

  it('is decided in direct messages by the list of users, or by switching them off', () => {
    expect(
      permissionRefusal(inDirectMessage, permissions({ channels: { allow: ['cats'] } })),
    ).toBeUndefined();
    expect(permissionRefusal(inDirectMessage, permissions({ users: { deny: ['ada'] } }))).toBe('not-allowed');
    expect(permissionRefusal(inDirectMessage, permissions({ directMessages: false }))).toBe(
      'direct-messages-off',
    );
    expect(permissionRefusal(inServer, permissions({ directMessages: false }))).toBeUndefined();
  });

  it('is, on the web page, whoever can open it', () => {
    const onTheWeb = { ...inDirectMessage, platform: 'web' } as const;
    expect(
      permissionRefusal(onTheWeb, permissions({ users: { allow: ['bob'] }, directMessages: false })),
    ).toBeUndefined();
  });
});
