export {
  AnswerCancelled,
  Chat,
  Closing,
  type ModelDescription,
  type Outcome,
  type PreparedImage,
  type StopResult,
} from './chat.js';
export type { Author, ChatMessage, ImageOrigin, ImageReference } from './message.js';
export { MessageUpdates } from './message-updates.js';
export type { Asker, Place, Platform, Question, Wish } from './question.js';
export {
  type AppendSink,
  type EditSink,
  type ReplyAction,
  type ReplyEnding,
  ReplyGoneError,
  type ReplySink,
  type ReplyState,
  type ReplyView,
} from './reply-sink.js';
export { type ImageProblem, ImageUnavailableError, type Warning } from './warning.js';
