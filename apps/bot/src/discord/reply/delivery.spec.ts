import { DiscordAPIError, type Message, RESTJSONErrorCodes } from 'discord.js';

import { ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { Delivery } from './delivery.js';

const done: ReplyView = { state: 'done', text: 'It is a bat.', notes: [], actions: [] };
const growing: ReplyView = { ...done, state: 'streaming' };

function refusal(code: number, status = 400): DiscordAPIError {
  return new DiscordAPIError({ code, message: 'No' }, code, status, 'POST', '/', {});
}

describe('what Discord refuses', () => {
  const lines: string[] = [];
  const delivery = () => new Delivery('the answer to 12', { warn: (line) => lines.push(line) });
  const sent = (by: string) => ({ id: by }) as Message;
  const refuse = (code: number, status?: number) => () => Promise.reject(refusal(code, status));

  beforeEach(() => lines.splice(0));

  it.each([
    [RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory, 'reference'],
    [RESTJSONErrorCodes.MessageWasBlockedByAutomaticModeration, 'text'],
    [RESTJSONErrorCodes.RequestEntityTooLarge, 'files'],
  ] as const)('%s is sent without what it is about', async (code, part) => {
    const tried = delivery();
    const write = async () => {
      if (!tried.without.has(part)) throw refusal(code);
      return sent('the same way');
    };
    expect(await tried.show(done, true, write, [])).toEqual(sent('the same way'));
    expect(lines).toEqual([
      `Discord does not take the answer to 12 (No, ${code}): it is shown without its ${part}.`,
    ]);
  });

  it.each([
    RESTJSONErrorCodes.InvalidActionOnArchivedThread,
    RESTJSONErrorCodes.MissingPermissions,
    RESTJSONErrorCodes.MissingAccess,
    RESTJSONErrorCodes.InvalidFormBodyOrContentType,
    999_999,
  ])('%s goes the next way, which the log names', async (code) => {
    const ways = [
      { name: 'a message of its own', send: refuse(code) },
      { name: 'a direct message', send: async () => sent('directly') },
    ];
    expect(await delivery().show(done, false, refuse(code, 403), ways)).toEqual(sent('directly'));
    expect(lines).toEqual([
      `Discord does not take the answer to 12 (No, ${code}): it was sent as a direct message.`,
    ]);
  });

  it('by every way is said in the log, and ends the answer', async () => {
    const ways = [
      { name: 'a direct message', send: refuse(RESTJSONErrorCodes.CannotSendMessagesToThisUser) },
    ];
    const showing = delivery().show(done, false, refuse(50_013), ways);
    await expect(showing).rejects.toThrow(ReplyGoneError);
    expect(lines).toEqual([
      'Discord does not take the answer to 12 (No, 50013), nor does any other way lead to the asker.',
    ]);
  });

  it('of an edit on the way is made up for by the next edit', async () => {
    const ways = [{ name: 'a direct message', send: async () => sent('directly') }];
    const showing = delivery().show(growing, false, refuse(50_083), ways);
    await expect(showing).rejects.toThrow('No');
    expect(lines).toEqual([]);
  });

  it('because the answer was deleted ends the answer', async () => {
    const ways = [{ name: 'a direct message', send: async () => sent('directly') }];
    const showing = delivery().show(done, false, refuse(RESTJSONErrorCodes.UnknownMessage, 404), ways);
    await expect(showing).rejects.toThrow(ReplyGoneError);
  });

  it('for lack of luck is not a refusal: a server error is tried again', async () => {
    const ways = [{ name: 'a direct message', send: async () => sent('directly') }];
    const failing = () => Promise.reject(new Error('socket hang up'));
    await expect(delivery().show(done, false, failing, ways)).rejects.toThrow('socket hang up');
  });
});
