import { ComponentType } from 'discord.js';
import { z } from 'zod';

import { each, fields, type LeftOut, maybe, maybeFlag, maybeNumber, maybeText } from './tolerant.js';

const media = fields({ url: z.string(), proxy_url: maybeText, content_type: maybeText });
const pictured = { media, description: maybeText, spoiler: maybeFlag };

const button = fields({
  type: z.literal(ComponentType.Button),
  custom_id: maybeText,
  label: maybeText,
  style: maybeNumber,
  disabled: maybeFlag,
});
const text = fields({ type: z.literal(ComponentType.TextDisplay), content: z.string() });
const thumbnail = fields({ type: z.literal(ComponentType.Thumbnail), ...pictured });
const file = fields({
  type: z.literal(ComponentType.File),
  file: media,
  name: maybeText,
  size: maybeNumber,
});

/**
 * The components that a message shows or that the bot made itself (Discord docs, Component Reference). Menus, separators
 * and kinds yet to come say nothing to the bot.
 */
export function componentShape(leftOut: LeftOut) {
  const row = fields({
    type: z.literal(ComponentType.ActionRow),
    components: each(z.union([button, z.unknown().transform(asNothing)]), 'button', leftOut).transform(
      (list) => list?.filter((one) => one !== undefined) ?? [],
    ),
  });
  const gallery = fields({
    type: z.literal(ComponentType.MediaGallery),
    items: each(fields(pictured), 'picture of a gallery', leftOut).transform((items) => items ?? []),
  });
  const section = fields({
    type: z.literal(ComponentType.Section),
    components: each(text, 'text', leftOut).transform((list) => list ?? []),
    accessory: z.union([thumbnail, button]).catch({ type: ComponentType.Button }),
  });
  const inContainer = z.union([row, gallery, section, text, thumbnail, file, other()]);
  const container = fields({
    type: z.literal(ComponentType.Container),
    components: each(inContainer, 'component', leftOut).transform((list) => list ?? []),
    spoiler: maybe(z.boolean()),
  });
  return z.union([inContainer, container]);
}

const known = [
  ComponentType.ActionRow,
  ComponentType.Button,
  ComponentType.TextDisplay,
  ComponentType.Thumbnail,
  ComponentType.File,
  ComponentType.MediaGallery,
  ComponentType.Section,
  ComponentType.Container,
];

/** A component of which only its kind is kept: a separator, for instance, is not in the way of the rest. */
function other() {
  return fields({ type: z.number().refine((type) => !known.some((one) => one === type)) }).transform(() => ({
    type: ComponentType.Separator as const,
  }));
}

function asNothing(): undefined {
  return undefined;
}
