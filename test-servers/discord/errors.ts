import { RESTJSONErrorCodes } from 'discord.js';

/** One field's complaint inside an "Invalid Form Body" answer (Discord docs, Error Messages). */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** An answer that Discord's REST API gives instead of a result. */
export class DiscordRestError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    private readonly fields: readonly FieldError[] = [],
  ) {
    super(message);
  }

  toJSON(): object {
    if (this.fields.length === 0) return { code: this.code, message: this.message };
    return { code: this.code, message: this.message, errors: nested(this.fields) };
  }
}

export const notFound = {
  channel: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownChannel, 'Unknown Channel'),
  guild: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownGuild, 'Unknown Guild'),
  message: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownMessage, 'Unknown Message'),
  user: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownUser, 'Unknown User'),
  member: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownMember, 'Unknown Member'),
  interaction: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownInteraction, 'Unknown interaction'),
  webhook: () => new DiscordRestError(404, RESTJSONErrorCodes.UnknownWebhook, 'Unknown Webhook'),
};

export function forbidden(code: RESTJSONErrorCodes, message: string): DiscordRestError {
  return new DiscordRestError(403, code, message);
}

export function badRequest(code: RESTJSONErrorCodes, message: string): DiscordRestError {
  return new DiscordRestError(400, code, message);
}

export function invalidForm(fields: readonly FieldError[]): DiscordRestError {
  return new DiscordRestError(
    400,
    RESTJSONErrorCodes.InvalidFormBodyOrContentType,
    'Invalid Form Body',
    fields,
  );
}

interface ErrorGroup {
  [key: string]: ErrorGroup | { code: string; message: string }[];
}

/** `components.0.label` becomes an object in an object in an object, with `_errors` at its end. */
function nested(fields: readonly FieldError[]): ErrorGroup {
  const errors: ErrorGroup = {};
  for (const { field, code, message } of fields) {
    const leaf = field.split('.').reduce((group, key) => {
      const inner = group[key];
      if (inner && !Array.isArray(inner)) return inner;
      const created: ErrorGroup = {};
      group[key] = created;
      return created;
    }, errors);
    leaf._errors = [{ code, message }];
  }
  return errors;
}
