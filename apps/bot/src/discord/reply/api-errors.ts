import { DiscordAPIError, RESTJSONErrorCodes } from 'discord.js';

import { ReplyGoneError } from '../../contract/index.js';

/** Codes after which a message can be neither posted nor edited any more (Discord docs, JSON Error Codes). */
const gone = new Set<number | string>([
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.UnknownInteraction,
  RESTJSONErrorCodes.UnknownWebhook,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
  RESTJSONErrorCodes.InvalidWebhookToken,
  RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages,
]);

/** Turns Discord's refusal of a message that can go nowhere into the core's error; others stay what they are. */
export function translateError(error: unknown): unknown {
  if (error instanceof DiscordAPIError && gone.has(error.code)) {
    return new ReplyGoneError(`Discord no longer takes this reply: ${error.message}`, { cause: error });
  }
  return error;
}

export function hasCode(error: unknown, code: RESTJSONErrorCodes): boolean {
  return error instanceof DiscordAPIError && error.code === code;
}
