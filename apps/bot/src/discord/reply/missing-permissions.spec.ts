import {
  DiscordAPIError,
  InteractionContextType,
  type Message,
  PermissionFlagsBits,
  PermissionsBitField,
  RESTJSONErrorCodes,
} from 'discord.js';

import { ReplyGoneError } from '../../contract/index.js';
import { askerOf, localeOf, placeOf, presserOf } from '../conversation/people.js';
import { hasCode, translateError } from './api-errors.js';
import { outlivesToken, whileTokenLasts } from './interaction-token.js';
import { findMissingPermissions, reportPermissions } from './missing-permissions.js';

const { ViewChannel, SendMessages, SendMessagesInThreads, ReadMessageHistory, ManageMessages } =
  PermissionFlagsBits;
const me = { id: '1' };
const everyone = { id: '2' };

function channel(
  name: string,
  bot: readonly bigint[] | null,
  { isThread = false, isOpen = true, isText = true, isDirect = false } = {},
) {
  return {
    name,
    isDMBased: () => isDirect,
    isThread: () => isThread,
    isTextBased: () => isText,
    guild: { members: { me: bot && me }, roles: { everyone } },
    permissionsFor: (who: unknown) =>
      new PermissionsBitField(who === me ? [...(bot ?? [])] : isOpen ? [ViewChannel] : []),
  } as never;
}

describe('the permissions that the bot lacks', () => {
  it.each([
    ['nothing in a channel', channel('a', [ViewChannel, SendMessages, ReadMessageHistory]), []],
    [
      'nothing in a thread',
      channel('a', [ViewChannel, SendMessagesInThreads, ReadMessageHistory], { isThread: true }),
      [],
    ],
    [
      'what it takes in a channel',
      channel('a', [ViewChannel, SendMessagesInThreads]),
      ['Send Messages', 'Read Message History'],
    ],
    [
      'what it takes in a thread',
      channel('a', [SendMessages], { isThread: true }),
      ['View Channel', 'Send Messages in Threads', 'Read Message History'],
    ],
    ['nothing in direct messages', channel('a', [], { isDirect: true }), []],
    ['nothing that is known', channel('a', null), []],
  ])('are %s', (_what, where, missing) => {
    expect(findMissingPermissions(where)).toEqual(missing);
  });

  it('are told by reason, of channels of text that everybody sees', () => {
    const channels = [
      channel('one', [ViewChannel, ReadMessageHistory]),
      channel('two', [ViewChannel, ReadMessageHistory]),
      channel('three', [SendMessages, ReadMessageHistory]),
      channel('fine', [ViewChannel, SendMessages, ReadMessageHistory]),
      channel('secret', [], { isOpen: false }),
      channel('voices', [], { isText: false }),
    ];
    const guild = { name: 'Meadow', channels: { cache: new Map(channels.entries()) } };
    expect(reportPermissions(guild as never)).toEqual([
      'In the server Meadow the bot needs the permission Send Messages in #one, #two to answer there.',
      'In the server Meadow the bot needs the permission View Channel in #three to answer there.',
    ]);
  });
});

describe('who asks on Discord', () => {
  const roles = { cache: new Map([['8', {}]]) };

  it('has roles, and moderates where they may manage messages', () => {
    const message = (flags: bigint[], inGuild = true) =>
      ({
        author: { id: '7' },
        inGuild: () => inGuild,
        channel: 'here',
        member: {
          roles,
          permissionsIn: (where: unknown) => where === 'here' && new PermissionsBitField(flags),
        },
      }) as unknown as Message;
    expect(askerOf(message([ManageMessages]))).toEqual({ id: '7', roles: ['8'], moderator: true });
    expect(askerOf(message([SendMessages]))).toMatchObject({ moderator: false });
    expect(askerOf(message([ManageMessages], false))).toMatchObject({ moderator: false });
    const alone = { author: { id: '7' }, inGuild: () => true, member: null };
    expect(askerOf(alone as never)).toEqual({ id: '7', roles: [], moderator: false });
  });

  it('is as well who presses a button', () => {
    const pressed = (member: object | null, flags?: bigint) =>
      presserOf({
        user: { id: '7' },
        member,
        memberPermissions: flags && new PermissionsBitField(flags),
      } as never);
    expect(pressed({ roles: ['8'] }, ManageMessages)).toEqual({ id: '7', roles: ['8'], moderator: true });
    expect(pressed({ roles }, SendMessages)).toEqual({ id: '7', roles: ['8'], moderator: false });
    expect(pressed(null)).toEqual({ id: '7', roles: [], moderator: false });
  });

  it('asks in a channel, which a thread counts as, or directly', () => {
    const thread = (parentId: string | null) => ({ isThread: () => true, parentId }) as never;
    const at = { guildId: '5', channelId: '3', channel: null };
    expect(placeOf(at)).toEqual({ server: '5', channel: '3', direct: false });
    expect(placeOf({ ...at, channel: thread('4') })).toMatchObject({ channel: '4' });
    expect(placeOf({ ...at, channel: thread(null) })).toMatchObject({ channel: '3' });
    const open = { isThread: () => false, parentId: '4' } as never;
    expect(placeOf({ ...at, channel: open })).toMatchObject({ channel: '3' });
    expect(placeOf({ ...at, guildId: null, channelId: null })).toEqual({ channel: 'unknown', direct: true });
  });

  it('speaks the language of the server', () => {
    expect(localeOf({ guild: { preferredLocale: 'de' } } as never)).toBe('de');
    expect(localeOf({ guild: null } as never)).toBe('en-US');
  });
});

describe('the token of an interaction', () => {
  it('is outlived where the bot itself is', () => {
    const interaction = (isIn: boolean, context: InteractionContextType) =>
      ({ inCachedGuild: () => isIn, context }) as never;
    expect(outlivesToken(interaction(true, InteractionContextType.Guild))).toBe(true);
    expect(outlivesToken(interaction(false, InteractionContextType.BotDM))).toBe(true);
    expect(outlivesToken(interaction(false, InteractionContextType.Guild))).toBe(false);
  });

  it('is good for fifteen minutes, of which half a one is kept for the last edit', async () => {
    const isOver = async (ageMs: number) => {
      let aborted = false;
      await whileTokenLasts({ createdTimestamp: Date.now() - ageMs } as never, async (signal) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        aborted = signal.aborted;
      });
      return aborted;
    };
    await expect(isOver(14.5 * 60_000)).resolves.toBe(true);
    await expect(isOver(60 * 60_000)).resolves.toBe(true);
    await expect(isOver(14.4 * 60_000)).resolves.toBe(false);
  });
});

describe('a refusal of Discord', () => {
  const refused = (code: number) => new DiscordAPIError({ code, message: 'no' }, code, 400, 'POST', '/', {});

  it('that ends a reply is told from others', () => {
    expect(translateError(refused(RESTJSONErrorCodes.UnknownMessage))).toBeInstanceOf(ReplyGoneError);
    for (const error of [refused(RESTJSONErrorCodes.RequestEntityTooLarge), new Error('cut')])
      expect(translateError(error)).toBe(error);
  });

  it('has a code', () => {
    expect(hasCode(refused(10_008), RESTJSONErrorCodes.UnknownMessage)).toBe(true);
    expect(hasCode(refused(10_003), RESTJSONErrorCodes.UnknownMessage)).toBe(false);
    expect(hasCode({ code: 10_008 }, RESTJSONErrorCodes.UnknownMessage)).toBe(false);
  });
});
