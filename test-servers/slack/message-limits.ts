import type { KnownBlock } from '@slack/types';
import { SlackApiError } from './api-error.js';

/** Lengths that Slack enforces. Text is measured after `&`, `<` and `>` have become entities. */
export const lengthLimits = {
  /** chat.postMessage cuts longer text (docs.slack.dev, chat.postMessage, "Truncating content"). */
  postedText: 40_000,
  /** chat.update refuses it, counting bytes of UTF-8: `msg_too_long` (slackapi/bolt-js#2509). */
  updatedTextBytes: 4_000,
  /** (docs.slack.dev, Block Kit, section block) */
  sectionText: 3_000,
  /** All markdown blocks of a message together (docs.slack.dev, Block Kit, markdown block). */
  markdownBlocks: 12_000,
  /** Text of a header of a block. */
  headerText: 150,
  /** (docs.slack.dev, Block Kit, blocks in messages) */
  blocks: 50,
  /** (docs.slack.dev, Block Kit, button element: text and value) */
  buttonText: 75,
  buttonValue: 2_000,
  /** (docs.slack.dev, Block Kit, actions block) */
  actionElements: 25,
  /** markdown_text of chat.startStream, appendStream and stopStream, and of chat.postMessage. */
  markdownText: 12_000,
} as const;

export function checkUpdatedText(text: string): void {
  if (Buffer.byteLength(text, 'utf8') > lengthLimits.updatedTextBytes)
    throw new SlackApiError('msg_too_long');
}

export function checkMarkdownText(text: string): void {
  if (text.length > lengthLimits.markdownText) throw new SlackApiError('msg_too_long');
}

export function checkBlocks(blocks: readonly KnownBlock[]): void {
  if (blocks.length > lengthLimits.blocks) throw new SlackApiError('too_many_blocks');
  let markdownLength = 0;
  const ids = new Set<string>();
  for (const block of blocks) {
    if (block.block_id !== undefined && ids.has(block.block_id))
      throw invalidBlocks('block_id is not unique');
    if (block.block_id !== undefined) ids.add(block.block_id);
    if (block.type === 'markdown') markdownLength += block.text.length;
    checkBlock(block);
  }
  if (markdownLength > lengthLimits.markdownBlocks) throw new SlackApiError('msg_blocks_too_long');
}

function checkBlock(block: KnownBlock): void {
  if (block.type === 'section' && block.text !== undefined) {
    const { length } = block.text.text;
    if (length === 0 || length > lengthLimits.sectionText) throw invalidBlocks('section text length');
  }
  if (block.type === 'actions') {
    if (block.elements.length === 0 || block.elements.length > lengthLimits.actionElements) {
      throw invalidBlocks('number of action elements');
    }
    for (const element of block.elements) {
      if (element.type !== 'button') continue;
      if (element.text.text.length > lengthLimits.buttonText) throw invalidBlocks('button text length');
      if ((element.value?.length ?? 0) > lengthLimits.buttonValue) throw invalidBlocks('button value length');
    }
  }
}

function invalidBlocks(reason: string): SlackApiError {
  return new SlackApiError('invalid_blocks', { response_metadata: { messages: [`[ERROR] ${reason}`] } });
}
