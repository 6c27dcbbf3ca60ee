export {
  type ContextBudget,
  type CountTokens,
  type FittedPrompt,
  fitToContext,
} from './context-budget.js';
export { neutraliseControlStrings } from './control-strings.js';
export { ConversationError, QuestionTooLongError } from './errors.js';
export { type Place, placesIn } from './places.js';
export { buildPrompt, type Conversation, type Prompt, type PromptSegment } from './prompt.js';
export { replyText } from './reply.js';
export { type ChatTemplateName, stopSequencesOf } from './template.js';
export type { AssistantTurn, Turn, UserTurn } from './turn.js';
