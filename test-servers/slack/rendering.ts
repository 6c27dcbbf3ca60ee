import type { KnownBlock } from '@slack/types';
import type { Message } from './records.js';

/** What a person reads of a message: its blocks when it has some, its text otherwise. */
export function visibleText(text: string, blocks: readonly KnownBlock[]): string {
  const lines = blocks.map(blockText).filter((line) => line !== '');
  return lines.length > 0 ? lines.join('\n') : text;
}

function blockText(block: KnownBlock): string {
  switch (block.type) {
    case 'markdown':
      return block.text;
    case 'section':
      return block.text?.text ?? '';
    case 'context':
      return block.elements.map((element) => ('text' in element ? element.text : '')).join(' ');
    default:
      return '';
  }
}

/** The buttons under a message, in the order they are shown. */
export interface VisibleButton {
  readonly label: string;
  readonly actionId: string;
  readonly blockId: string | undefined;
  readonly value: string | undefined;
}

export function visibleButtons(message: Pick<Message, 'blocks'>): VisibleButton[] {
  return message.blocks.flatMap((block) => {
    if (block.type === 'actions') {
      return block.elements.flatMap((element) =>
        element.type === 'button'
          ? [
              {
                label: element.text.text,
                actionId: element.action_id ?? '',
                blockId: block.block_id,
                value: element.value,
              },
            ]
          : [],
      );
    }
    if (block.type === 'context_actions') {
      return block.elements.flatMap((element) =>
        element.type === 'feedback_buttons'
          ? [element.positive_button, element.negative_button].map((button) => ({
              label: button.text.text,
              actionId: element.action_id ?? '',
              blockId: block.block_id,
              value: button.value,
            }))
          : [],
      );
    }
    return [];
  });
}

/**
 * People and groups a message would notify: Slack pings for `<@U…>`, `<!channel>`, `<!here>`, `<!everyone>` and
 * `<!subteam^S…>` in its text and in mrkdwn blocks (docs.slack.dev, "Formatting message text").
 */
export function mentionsIn(message: Message): string[] {
  const texts = [message.text, visibleText('', message.blocks)];
  return texts.flatMap(
    (text) => text.match(/<(?:@[UW][A-Z0-9]+|![a-z]+(?:\^[A-Z0-9]+)?)(?:\|[^>]*)?>/g) ?? [],
  );
}
