import { z } from 'zod';
import { escapeEntities } from '../reply/outgoing-text.js';

/** The most that blocks are nested: Slack's own go four deep. */
const maxDepth = 8;

/** A block or a part of one. Each kind has fields of its own, which are read where they are used. */
export const slackBlock = z.looseObject({ type: z.string() });

export type SlackBlock = z.infer<typeof slackBlock>;

const text = z.string().catch('');
const count = z.int().nonnegative().catch(0);

/** What blocks say, in the markup of messages' text (Slack docs, "Rich text block" and "Formatting message text"). */
export function blockText(blocks: readonly SlackBlock[]): string {
  return joinLines(blocks.map((block) => lineOf(block, 0)));
}

/** The standard emoji of a message as characters: of `:bat:` only the blocks tell which it is. */
export function withUnicodeEmoji(message: string, blocks: readonly SlackBlock[]): string {
  let replaced = message;
  for (const { name, unicode } of blocks.flatMap((block) => emojiIn(block, 0))) {
    replaced = replaced.replace(
      new RegExp(`:${escapePattern(name)}:(?::skin-tone-[2-6]:)?`),
      characters(unicode),
    );
  }
  return replaced;
}

/**
 * Every kind that @slack/types 3.2 knows. Controls are not part of what is said: buttons, menus, and the fields of
 * forms. Pictures are looked at, and remote files stand among the message's files.
 */
function lineOf(block: SlackBlock, depth: number): string {
  if (depth > maxDepth) return '';
  const inside = (value: unknown) => elements(value).map((child) => lineOf(child, depth + 1));
  switch (block.type) {
    case 'rich_text':
      return elements(block.elements)
        .map((part) => richText(part, depth + 1))
        .join('\n');
    case 'section':
      return joinLines([block.text, ...list(block.fields)].map(textObject));
    case 'header':
    case 'alert':
      return textObject(block.text);
    case 'context':
      return list(block.elements).map(textObject).filter(Boolean).join(' ');
    case 'markdown':
      return escapeEntities(text.parse(block.text));
    case 'image':
      return textObject(block.title);
    case 'video':
      return joinLines([
        textObject(block.title),
        asWritten(block.author_name),
        textObject(block.description),
      ]);
    case 'input':
      return textObject(block.label);
    case 'table':
      return tableText(block.rows, depth + 1);
    case 'data_table':
      return joinLines([asWritten(block.caption), tableText(block.rows, depth + 1)]);
    case 'card':
      return joinLines([block.title, block.subtitle, block.body].map(textObject));
    case 'carousel':
      return joinLines(inside(block.elements));
    case 'container':
      return joinLines([
        textObject(block.title) || joinLines(inside([block.rich_text_title])),
        textObject(block.subtitle),
        ...inside(block.child_blocks),
      ]);
    case 'task_card':
      return joinLines([
        asWritten(block.title),
        ...inside([block.details, block.output]),
        elements(block.sources)
          .map((source) => renderInline({ ...source, type: 'link' }, depth + 1))
          .join(' '),
      ]);
    case 'plan':
      return joinLines([asWritten(block.title), ...inside(block.tasks)]);
    default:
      return '';
  }
}

/** Row by row, as tables are written in Markdown. */
function tableText(rows: unknown, depth: number): string {
  return joinLines(
    list(rows).map((row) => {
      const cells = elements(row).map((cell) =>
        cell.type === 'rich_text' ? lineOf(cell, depth).replaceAll('\n', ' ') : asWritten(cell.text),
      );
      return cells.length === 0 ? '' : `| ${cells.join(' | ')} |`;
    }),
  );
}

function richText(part: SlackBlock, depth: number): string {
  if (depth > maxDepth) return '';
  const inside = () => elements(part.elements).map((child) => renderInline(child, depth + 1));
  switch (part.type) {
    case 'rich_text_list': {
      const ordered = part.style === 'ordered';
      const first = count.parse(part.offset) + 1;
      const indentation = '  '.repeat(Math.min(count.parse(part.indent), maxDepth));
      return inside()
        .map((item, index) => `${indentation}${ordered ? `${first + index}.` : '•'} ${item}`)
        .join('\n');
    }
    case 'rich_text_preformatted':
      return `\`\`\`\n${inside().join('')}\n\`\`\``;
    case 'rich_text_quote':
      return inside().join('').replaceAll(/^/gm, '&gt; ');
    default:
      return inside().join('');
  }
}

function renderInline(part: SlackBlock, depth: number): string {
  const of = (key: string) => text.parse(part[key]);
  switch (part.type) {
    case 'text':
      return escapeEntities(of('text'));
    case 'link':
      return of('text') === ''
        ? `<${escapeEntities(of('url'))}>`
        : `<${escapeEntities(of('url'))}|${escapeEntities(of('text'))}>`;
    case 'user':
      return `<@${of('user_id')}>`;
    case 'usergroup':
      return `<!subteam^${of('usergroup_id')}>`;
    case 'channel':
      return `<#${of('channel_id')}>`;
    case 'broadcast':
      return `<!${of('range')}>`;
    case 'emoji':
      return of('unicode') === '' ? `:${of('name')}:` : characters(of('unicode'));
    case 'date': {
      const fallback = escapeEntities(of('fallback'));
      return fallback || `<!date^${count.parse(part.timestamp)}>`;
    }
    case 'color':
      return of('value');
    default:
      return part.elements === undefined ? '' : richText(part, depth);
  }
}

function emojiIn(part: SlackBlock, depth: number): { readonly name: string; readonly unicode: string }[] {
  if (depth > maxDepth) return [];
  const [name, unicode] = [text.parse(part.name), text.parse(part.unicode)];
  if (part.type === 'emoji') return name === '' || unicode === '' ? [] : [{ name, unicode }];
  return elements(part.elements).flatMap((child) => emojiIn(child, depth + 1));
}

/** "1f44b-1f3fb" as characters; nothing when it names none. */
function characters(unicode: string): string {
  const points = unicode.split('-').map((point) => Number.parseInt(point, 16));
  return points.every((point) => point > 0 && point <= 0x10ffff) ? String.fromCodePoint(...points) : '';
}

/** Plain text is meant as it stands, mrkdwn is markup already. */
function textObject(value: unknown): string {
  const object = z.object({ type: text, text }).safeParse(value).data;
  if (object === undefined) return '';
  return object.type === 'plain_text' ? escapeEntities(object.text) : object.text;
}

/** Of plain text that is no object. */
function asWritten(value: unknown): string {
  return escapeEntities(text.parse(value));
}

/** Without empty ones. */
export function joinLines(texts: readonly string[]): string {
  return texts.filter((line) => line.trim() !== '').join('\n');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function elements(value: unknown): SlackBlock[] {
  return list(value).flatMap((child) => slackBlock.safeParse(child).data ?? []);
}

function escapePattern(value: string): string {
  return value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
