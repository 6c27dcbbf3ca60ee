export type { Upload } from './cdn.js';
export { DiscordServer, type DiscordServerOptions } from './discord-server.js';
export type { Channel, Guild, Interaction, Message } from './state.js';
export type { Post, TestUser } from './test-user.js';
export { printTranscript, type ShownMessage } from './transcript.js';
