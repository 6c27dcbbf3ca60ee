import { ChatTemplate } from './generated/minigpt4/v1/chat_service.js';

/** The chat templates by their names in a model package. */
const chatTemplates = {
  'vicuna-v0': ChatTemplate.CHAT_TEMPLATE_VICUNA_V0,
  'llama-2-chat': ChatTemplate.CHAT_TEMPLATE_LLAMA2_CHAT,
  'vicuna-v1': ChatTemplate.CHAT_TEMPLATE_VICUNA_V1,
  'minigpt-v2': ChatTemplate.CHAT_TEMPLATE_MINIGPT_V2,
  'question-answer': ChatTemplate.CHAT_TEMPLATE_QUESTION_ANSWER,
  instruction: ChatTemplate.CHAT_TEMPLATE_INSTRUCTION,
} as const;

export type ChatTemplateName = keyof typeof chatTemplates;

export function chatTemplateToWire(name: ChatTemplateName): ChatTemplate {
  return chatTemplates[name];
}

/** Undefined for one that is newer than this program. */
export function chatTemplateFromWire(template: ChatTemplate): ChatTemplateName | undefined {
  const names = Object.keys(chatTemplates) as ChatTemplateName[];
  return names.find((name) => chatTemplates[name] === template);
}
