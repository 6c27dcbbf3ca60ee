export * from './generated/minigpt4/v1/chat_service.js';
