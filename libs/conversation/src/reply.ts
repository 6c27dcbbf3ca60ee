import { type ChatTemplateName, chatTemplate } from './template.js';

/**
 * What a model said, from the text it generated: up to the first stop sequence, and after the name of its own role
 * should it have repeated that, as the original's `Chat.answer` takes it.
 */
export function replyText(template: ChatTemplateName, generated: string): string {
  const { stopSequences, assistantOpening } = chatTemplate(template);
  const untilStop = stopSequences.reduce((text, stop) => text.split(stop, 1)[0]!, generated);
  const role = assistantOpening.trim();
  const lastRole = role === '' ? -1 : untilStop.lastIndexOf(role);
  return (lastRole < 0 ? untilStop : untilStop.slice(lastRole + role.length)).trim();
}
