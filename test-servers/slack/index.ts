export type { Sharing } from './human.js';
export { Human } from './human.js';
export type { Conversation, Message } from './records.js';
export { mentionsIn } from './rendering.js';
export { SlackServer } from './slack-server.js';
export { printTranscript, type TranscriptLine } from './transcript.js';
export { scopesByMethod } from './web-api.js';
export { Workspace } from './workspace.js';
