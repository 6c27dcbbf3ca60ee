import {
  type APIEmbed,
  type APIMessageTopLevelComponent,
  ComponentType,
  MessageFlags,
  RESTJSONErrorCodes,
} from 'discord.js';
import { z } from 'zod';
import { badRequest, type FieldError, invalidForm } from './errors.js';

const snowflake = z.string().regex(/^\d+$/);

const allowedMentions = z.object({
  parse: z.array(z.enum(['users', 'roles', 'everyone'])).optional(),
  users: z.array(snowflake).max(100).optional(),
  roles: z.array(snowflake).max(100).optional(),
  replied_user: z.boolean().optional(),
});

/** The body of "Create Message" and "Edit Message", and the message inside an interaction response. */
export const messageBody = z.object({
  content: z.string().nullish(),
  embeds: z.array(z.custom<APIEmbed>((value) => typeof value === 'object')).nullish(),
  components: z.array(z.custom<APIMessageTopLevelComponent>((value) => typeof value === 'object')).nullish(),
  flags: z.number().int().nullish(),
  nonce: z.union([z.string(), z.number()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  allowed_mentions: allowedMentions.nullish(),
  message_reference: z
    .object({ message_id: snowflake, type: z.number().nullish(), fail_if_not_exists: z.boolean().nullish() })
    .nullish(),
  attachments: z
    .array(z.object({ id: z.union([z.string(), z.number()]), description: z.string().nullish() }))
    .nullish(),
});

export type MessageBody = z.infer<typeof messageBody>;
export type AllowedMentions = z.infer<typeof allowedMentions>;

const MAX_CONTENT = 2000;
const MAX_EMBEDS = 10;
const MAX_EMBED_TEXT = 6000;
const MAX_NONCE = 25;
const MAX_ACTION_ROWS = 5;
const MAX_BUTTONS_IN_ROW = 5;
const MAX_CUSTOM_ID = 100;
const MAX_LABEL = 80;
const MAX_ATTACHMENTS = 10;
const MAX_ALT_TEXT = 1024;
const MAX_V2_COMPONENTS = 40;
const MAX_V2_TEXT = 4000;

/** What a message would be after the request, as far as the limits look at it. */
export interface ProposedMessage {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly flags: number;
  readonly attachmentDescriptions: readonly (string | undefined)[];
}

/** Throws "Invalid Form Body" for what exceeds a documented limit, and "Cannot send an empty message". */
export function checkMessage(message: ProposedMessage, nonce?: string | number | null): void {
  const errors: FieldError[] = [];
  const tooLong = (field: string, limit: number) => ({
    field,
    code: 'BASE_TYPE_MAX_LENGTH',
    message: `Must be ${limit} or fewer in length.`,
  });

  if (message.content.length > MAX_CONTENT) errors.push(tooLong('content', MAX_CONTENT));
  if (message.embeds.length > MAX_EMBEDS) errors.push(tooLong('embeds', MAX_EMBEDS));
  if (embedText(message.embeds) > MAX_EMBED_TEXT) {
    errors.push({
      field: 'embeds',
      code: 'MAX_EMBED_SIZE_EXCEEDED',
      message: `Embed size exceeds maximum size of ${MAX_EMBED_TEXT}`,
    });
  }
  if (String(nonce ?? '').length > MAX_NONCE) errors.push(tooLong('nonce', MAX_NONCE));
  if (message.attachmentDescriptions.length > MAX_ATTACHMENTS) {
    errors.push(tooLong('attachments', MAX_ATTACHMENTS));
  }
  message.attachmentDescriptions.forEach((description, index) => {
    if ((description?.length ?? 0) > MAX_ALT_TEXT) {
      errors.push(tooLong(`attachments.${index}.description`, MAX_ALT_TEXT));
    }
  });
  errors.push(
    ...(message.flags & MessageFlags.IsComponentsV2
      ? componentsV2Errors(message)
      : actionRowErrors(message.components)),
  );
  errors.push(...customIdErrors(message.components));
  if (errors.length > 0) throw invalidForm(errors);

  const empty =
    message.content.trim() === '' &&
    message.embeds.length === 0 &&
    message.components.length === 0 &&
    message.attachmentDescriptions.length === 0;
  if (empty) throw badRequest(RESTJSONErrorCodes.CannotSendAnEmptyMessage, 'Cannot send an empty message');
}

function embedText(embeds: readonly APIEmbed[]): number {
  const lengthOf = (text?: string) => text?.length ?? 0;
  return embeds.reduce(
    (sum, embed) =>
      sum +
      lengthOf(embed.title) +
      lengthOf(embed.description) +
      lengthOf(embed.footer?.text) +
      lengthOf(embed.author?.name) +
      (embed.fields ?? []).reduce((inner, { name, value }) => inner + name.length + value.length, 0),
    0,
  );
}

function actionRowErrors(components: readonly APIMessageTopLevelComponent[]): FieldError[] {
  const errors: FieldError[] = [];
  if (components.length > MAX_ACTION_ROWS) {
    errors.push({ field: 'components', code: 'BASE_TYPE_BAD_LENGTH', message: 'Must be between 1 and 5.' });
  }
  components.forEach((component, row) => {
    if (component.type !== ComponentType.ActionRow) {
      errors.push({
        field: `components.${row}.type`,
        code: 'UNION_TYPE_CHOICES',
        message: 'Only action rows go without the components flag.',
      });
    } else if (component.components.length === 0 || component.components.length > MAX_BUTTONS_IN_ROW) {
      errors.push({
        field: `components.${row}.components`,
        code: 'BASE_TYPE_BAD_LENGTH',
        message: `Must be between 1 and ${MAX_BUTTONS_IN_ROW} in length.`,
      });
    }
  });
  return errors;
}

/** Discord docs, Components Reference: 40 components, 4000 characters over all text, no content or embeds. */
function componentsV2Errors(message: ProposedMessage): FieldError[] {
  const errors: FieldError[] = [];
  const all = [...everyComponent(message.components)];
  if (all.length > MAX_V2_COMPONENTS) {
    errors.push({
      field: 'components',
      code: 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      message: `The total number of components must be at most ${MAX_V2_COMPONENTS}.`,
    });
  }
  const text = all.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : 0), 0);
  if (text > MAX_V2_TEXT) {
    errors.push({
      field: 'components',
      code: 'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      message: `The total displayable text must be at most ${MAX_V2_TEXT}.`,
    });
  }
  if (message.content !== '' || message.embeds.length > 0) {
    errors.push({
      field: message.content === '' ? 'embeds' : 'content',
      code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      message: 'The field cannot be used when using MessageFlags.IS_COMPONENTS_V2',
    });
  }
  return errors;
}

function customIdErrors(components: readonly APIMessageTopLevelComponent[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<unknown>();
  for (const { custom_id: id, label } of everyComponent(components)) {
    if (typeof id === 'string') {
      if (id.length < 1 || id.length > MAX_CUSTOM_ID) {
        errors.push({
          field: 'components',
          code: 'BASE_TYPE_BAD_LENGTH',
          message: `custom_id must be between 1 and ${MAX_CUSTOM_ID} in length.`,
        });
      }
      if (seen.has(id)) {
        errors.push({
          field: 'components',
          code: 'COMPONENT_CUSTOM_ID_DUPLICATED',
          message: 'Component custom id cannot be duplicated',
        });
      }
      seen.add(id);
    }
    if (typeof label === 'string' && label.length > MAX_LABEL) {
      errors.push({
        field: 'components',
        code: 'BASE_TYPE_MAX_LENGTH',
        message: `label must be ${MAX_LABEL} or fewer in length.`,
      });
    }
  }
  return errors;
}

type AnyComponent = Record<string, unknown>;

/** All components of a message, nested ones included. */
export function* everyComponent(components: readonly unknown[]): Generator<AnyComponent> {
  for (const component of components as readonly AnyComponent[]) {
    yield component;
    if (Array.isArray(component.components)) yield* everyComponent(component.components);
    if (component.accessory) yield* everyComponent([component.accessory]);
    if (component.component) yield* everyComponent([component.component]);
  }
}
