import type { KnownBlock } from '@slack/types';

/** What a message of the bot on Slack shows. */
interface Shown {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** The model's words are markdown blocks; what the bot says itself stands in others. */
export function saidByModel({ blocks }: Shown): string {
  const written = blocks.flatMap((block) => (block.type === 'markdown' ? [block.text] : [])).join('\n');
  // Characters that nobody sees, by which the bot knows its streams.
  return written.replaceAll(/[\u2060\u2063]/g, '');
}

/** Status and notes, which stand below the model's words; the line above says what was asked. */
export function saidByBot({ text, blocks }: Shown): string[] {
  if (blocks.length === 0) return [text];
  const answerAt = blocks.findIndex(({ type }) => type === 'markdown');
  return blocks
    .slice(answerAt + 1)
    .flatMap((block) => {
      if (block.type === 'section') return [block.text?.text ?? ''];
      if (block.type !== 'context') return [];
      return block.elements.flatMap((element) => ('text' in element ? element.text.split('\n') : []));
    })
    .map((remark) => remark.replace(/^_(.*)_$/, '$1'));
}
