import type { ChatTemplateName } from '#libs/conversation';

/** What people most often want of a picture, without words of their own. */
export type Wish = 'description' | 'alt-text';

const instructions: Readonly<Record<Wish, string>> = {
  /** One of those that MiniGPT-4's second stage trains on (prompts/alignment.txt). */
  description: 'Describe this image in detail.',
  'alt-text': 'Write alt text for this image.',
};

/** What a model with this template is asked; BLIP-2's captions a picture when nothing is said. */
export function instructionFor(wish: Wish, template: ChatTemplateName): string {
  return template === 'question-answer' ? '' : instructions[wish];
}
