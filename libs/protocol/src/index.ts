export { type ChatTemplateName, chatTemplateFromWire, chatTemplateToWire } from './chat-templates.js';
export {
  decodeErrorDetails,
  type ErrorDetails,
  type ErrorReason,
  encodeErrorDetails,
  type FieldViolation,
} from './error-details.js';
export * from './generated/minigpt4/v1/chat_service.js';
export { imageNoticesFromWire, imageNoticesToWire } from './image-messages.js';
