import { WebAPIPlatformError, type WebClient } from '@slack/web-api';

import { Settings } from '../../config/settings.js';
import { NameDirectory } from './names.js';
import { People } from './people.js';
import { UserGroups } from './user-groups.js';

const tenMinutes = 10 * 60_000;

/** What Slack knows of everybody, and how often it was asked. */
function workspace(
  users: Readonly<Record<string, object>> = {},
  { channels = {} as Readonly<Record<string, object>>, usergroups = [] as unknown[] } = {},
) {
  const calls: unknown[] = [];
  const lines: string[] = [];
  const found = (things: Readonly<Record<string, object>>, id: string) => {
    calls.push(id);
    const thing = things[id];
    if (thing === undefined) throw new WebAPIPlatformError({ ok: false, error: 'not_found' });
    return thing;
  };
  const client = {
    users: {
      info: async ({ user, include_locale }: { user: string; include_locale: boolean }) =>
        include_locale && { user: found(users, user) },
    },
    conversations: {
      info: async ({ channel }: { channel: string }) => ({ channel: found(channels, channel) }),
    },
    usergroups: {
      list: async () => ({ usergroups }),
      users: { list: async ({ usergroup }: { usergroup: string }) => found(channels, usergroup) },
    },
  } as unknown as WebClient;
  const say = (line: string) => lines.push(line);
  const logger = { warn: say, error: say } as never;
  const groups = { find: async (id: string) => [`group of ${id}`] } as never;
  const people = new People(client, groups, logger);
  return { client, people, names: new NameDirectory(client, people), calls, lines, logger };
}

describe('a person on Slack', () => {
  it.each([
    ['neither', {}, false],
    ['an admin', { is_admin: true }, true],
    ['an owner', { is_owner: true }, true],
  ])('who is %s moderates as such', async (_what, user, moderator) => {
    const { people } = workspace({ U1: { locale: 'de-DE', ...user } });
    await expect(people.find('U1')).resolves.toEqual({
      asker: { id: 'U1', roles: ['group of U1'], moderator },
      locale: 'de-DE',
    });
  });

  it.each([
    ['as they chose', { profile: { display_name: 'ada' }, real_name: 'Ada L', name: 'al' }, 'ada'],
    ['by their name', { profile: { display_name: '' }, real_name: 'Ada L', name: 'al' }, 'Ada L'],
    ['by their handle', { profile: null, real_name: '', name: 'al' }, 'al'],
    ['nothing', {}, ''],
  ])('is called %s', async (_how, user, name) => {
    await expect(workspace({ U1: user }).people.nameOf('U1')).resolves.toBe(name);
  });

  it('of whom Slack does not say who it is gets English and no rights', async () => {
    const { people, lines } = workspace();
    await expect(people.find('U1')).resolves.toEqual({
      asker: { id: 'U1', roles: ['group of U1'], moderator: false },
      locale: 'en-US',
    });
    await expect(people.nameOf('U1')).resolves.toBe('');
    expect(lines).toEqual(['Slack did not say who U1 is (not_found): answering in English.']);
    await expect(workspace({ U1: {} }).people.find('U1')).resolves.toMatchObject({ locale: 'en-US' });
  });

  it('is asked about once', async () => {
    const { people, calls } = workspace({ U1: {} });
    await people.find('U1');
    await people.nameOf('U1');
    expect(calls).toEqual(['U1']);
  });
});

describe('names in texts', () => {
  const channels = {
    C1: { name: 'here', is_private: true },
    C2: { name: 'public', is_private: false },
    C3: { name: 'private', is_private: true },
    G4: { name: 'unsaid' },
  };
  const usergroups = [{ id: 'S1', handle: 'bakers' }, { id: 7 }];
  const world = () => workspace({ U1: { name: 'ada' } }, { channels, usergroups });

  it('are those of people, groups and channels that may be known here', async () => {
    const texts = ['<@U1> <@U2> <#C1> <#C2>', '<#C3> <#G4> <!subteam^S1> <!subteam^S2> <@U1|ada>'];
    const { names } = world();
    const entries = [...(await names.find(texts, 'C1'))];
    expect(entries).toEqual([
      ['U1', 'ada'],
      ['C1', 'here'],
      ['C2', 'public'],
      ['S1', 'bakers'],
    ]);
  });

  it('are asked for once, but that of a private channel each time where it stands', async () => {
    const { names, calls } = world();
    for (const channel of ['C1', 'C2']) {
      const name = (await names.find(['<#C1> <@U1>'], channel)).get('C1');
      expect(name).toBe(channel === 'C1' ? 'here' : undefined);
    }
    expect(calls).toEqual(['C1', 'U1', 'C1']);
  });

  it('are asked for of the last twenty', async () => {
    const { names, calls } = world();
    await names.find([Array.from({ length: 21 }, (_, index) => `<#C${index + 10}>`).join(' ')], 'C1');
    expect(calls).toHaveLength(20);
    expect(calls[0]).toBe('C11');
  });
});

describe('user groups', () => {
  const roles = { allow: ['S1', 'S2', '17'], deny: ['S1', 'S3'] };
  const { config } = Settings.parse({}, { permissions: { roles } });

  it('are those of the lists that somebody is in', async () => {
    const { client, logger, calls, lines } = workspace(
      {},
      { channels: { S1: { users: ['U1', 'U2'] }, S2: { users: ['U2'] } } },
    );
    const groups = new UserGroups(client, config, logger);
    await expect(groups.find('U1')).resolves.toEqual(['S1']);
    await expect(groups.find('U2')).resolves.toEqual(['S1', 'S2']);
    expect(calls).toEqual(['S1', 'S2', 'S3']);
    expect(lines).toEqual([
      expect.stringContaining('user group S3 (not_found), so nobody counts as being in it'),
    ]);
  });

  it('fail as the connection does', async () => {
    const cut = new Error('cut');
    const list = () => Promise.reject(cut);
    const client = { usergroups: { users: { list } } } as unknown as WebClient;
    await expect(new UserGroups(client, config, {} as never).find('U1')).rejects.toBe(cut);
  });
});

it('what Slack said is asked for again after ten minutes', async () => {
  const { performance } = globalThis;
  const { people, calls } = workspace({ U1: {} });
  const now = performance.now.bind(performance);
  await people.find('U1');
  performance.now = () => now() + tenMinutes + 1_000;
  try {
    await people.find('U1');
  } finally {
    performance.now = now;
  }
  expect(calls).toEqual(['U1', 'U1']);
});
