import { z } from 'zod';
import { findImageLinks } from '../../images/image-links.js';
import { decodeEntities } from './incoming-text.js';
import { type SlackFile, type SlackMessage, slackFile } from './slack-message.js';

/** Something that people may see a picture of in a message. */
export type Picture =
  | { readonly kind: 'file'; readonly file: SlackFile; readonly origin: 'attachment' | 'forwarded' | 'embed' }
  | { readonly kind: 'link'; readonly url: string; readonly origin: 'embed' | 'link' };

/** The most that blocks are nested, and the most pictures of blocks that one message shows. */
const maxDepth = 8;
const maxInBlocks = 20;

/** Everything in a message that may be a picture: its files, its blocks, what was shared into it, links. */
export function picturesIn(message: SlackMessage): Picture[] {
  const pictures = [
    ...message.files.map((file): Picture => ({ kind: 'file', file, origin: 'attachment' })),
    ...findInBlocks(message.blocks),
    ...message.attachments.flatMap(({ image_url, thumb_url, files, blocks }) => {
      const url = image_url ?? thumb_url;
      return [
        ...files.map((file): Picture => ({ kind: 'file', file, origin: 'forwarded' })),
        ...findInBlocks(blocks),
        ...(url === undefined ? [] : [linkTo(url, 'embed')]),
      ];
    }),
    ...findTypedLinks(message).map((url) => linkTo(url, 'link')),
  ];
  const places = pictures.map(placeOf);
  return pictures.filter((picture, index) => places.indexOf(placeOf(picture)) === index);
}

/** True when a message shows something that is not declared to be anything but a picture. */
export function mayShowPicture(message: SlackMessage): boolean {
  return picturesIn(message).some(
    (picture) => picture.kind === 'link' || (picture.file.mimetype ?? 'image/').startsWith('image/'),
  );
}

/**
 * Where a block keeps its picture (Slack docs, Block Kit, "Image block", "Image element", "Slack file object",
 * "Video block").
 */
const pictureHolder = z.object({
  type: z.string(),
  image_url: z.string().optional().catch(undefined),
  thumbnail_url: z.string().optional().catch(undefined),
  slack_file: z
    .object({ id: z.string().optional().catch(undefined), url: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** The small pictures in a line of text are decoration, unless there is nothing else to see. */
function findInBlocks(blocks: SlackMessage['blocks']): Picture[] {
  const pictures = blocks.filter(({ type }) => type !== 'context').flatMap((block) => findWithin(block, 0));
  const found = pictures.length > 0 ? pictures : blocks.flatMap((block) => findWithin(block, 0));
  return found.slice(0, maxInBlocks);
}

function findWithin(value: unknown, depth: number): Picture[] {
  if (depth > maxDepth || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => findWithin(item, depth + 1));
  const holder = pictureHolder.safeParse(value).data;
  const own = holder && ownPicture(holder);
  return own ? [own] : Object.values(value).flatMap((item) => findWithin(item, depth + 1));
}

function ownPicture(holder: z.infer<typeof pictureHolder>): Picture | undefined {
  const { type, image_url, thumbnail_url, slack_file } = holder;
  const url = image_url ?? (type === 'video' ? thumbnail_url : undefined);
  if (url !== undefined) return linkTo(url, 'embed');
  const id = slack_file?.id ?? (slack_file?.url && fileIdIn(slack_file.url));
  return id ? { kind: 'file', file: slackFile.parse({ id }), origin: 'embed' } : undefined;
}

/** The id in a file's own address (`…/files-pri/T…-F…/a.png`) or its permalink (`…/files/U…/F…/a.png`). */
function fileIdIn(address: string): string | undefined {
  return /\/(?:T[A-Z0-9]+-|files\/[UW][A-Z0-9]+\/)(F[A-Z0-9]+)(?:\/|$)/.exec(address)?.[1];
}

/** Addresses of images that Slack has not unfurled, which it does only after the message was sent. */
function findTypedLinks({ text, attachments }: SlackMessage): string[] {
  const unfurled = new Set(
    attachments.flatMap(({ from_url, image_url, thumb_url }) => [from_url, image_url, thumb_url]),
  );
  return findImageLinks(decodeEntities(text)).filter(
    (address) => !unfurled.has(address) && !isInSlack(address),
  );
}

/** True for an address of which Slack will show a preview in a moment, unless it shows one already. */
export function awaitsPreview({ text, attachments }: SlackMessage): boolean {
  const addresses = decodeEntities(text).match(/https?:\/\/[^\s<>|"']+/g) ?? [];
  return (
    attachments.length === 0 && addresses.some((address) => URL.canParse(address) && !isInSlack(address))
  );
}

function isInSlack(address: string): boolean {
  return new URL(address).hostname.endsWith('.slack.com');
}

function linkTo(url: string, origin: 'embed' | 'link'): Picture {
  return { kind: 'link', url, origin };
}

function placeOf(picture: Picture): string {
  return picture.kind === 'file' ? picture.file.id : picture.url;
}
