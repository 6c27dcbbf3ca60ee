import type { Message, StoredFile } from './records.js';
import type { WorkspaceStore } from './store.js';

/** A file object as messages, files.info and modals carry it (docs.slack.dev, "File object"). */
export function filePayload(
  store: WorkspaceStore,
  file: StoredFile,
  baseUrl: string,
): Record<string, unknown> {
  const path = `${store.team.id}-${file.id}`;
  const sharedIn = sharesOf(store, file);
  return {
    id: file.id,
    created: file.created,
    name: file.name,
    title: file.name,
    mimetype: file.mimetype,
    filetype: file.name.split('.').at(-1),
    user: file.owner,
    size: file.content.length,
    mode: 'hosted',
    is_external: false,
    is_public: sharedIn.channels.length > 0,
    ...sharedIn,
    url_private: `${baseUrl}/files-pri/${path}/${encodeURIComponent(file.name)}`,
    url_private_download: `${baseUrl}/files-pri/${path}/download/${encodeURIComponent(file.name)}`,
    permalink: `https://${store.team.domain}.slack.com/files/${file.owner}/${file.id}/${encodeURIComponent(file.name)}`,
  };
}

function fileInMessage(store: WorkspaceStore, file: StoredFile, baseUrl: string): unknown {
  const payload = filePayload(store, file, baseUrl);
  return file.disguise ? file.disguise(payload) : payload;
}

/** The conversations a file was shared in, by kind. */
function sharesOf(store: WorkspaceStore, file: StoredFile): Record<'channels' | 'groups' | 'ims', string[]> {
  const shares: Record<'channels' | 'groups' | 'ims', string[]> = { channels: [], groups: [], ims: [] };
  for (const message of store.messages) {
    if (message.deleted || !message.files.includes(file)) continue;
    const kind = store.conversations.get(message.channel)?.kind;
    shares[kind === 'channel' ? 'channels' : kind === 'im' ? 'ims' : 'groups'].push(message.channel);
  }
  return shares;
}

/** A message as history, events and interactions carry it. */
export function messagePayload(
  store: WorkspaceStore,
  message: Message,
  baseUrl: string,
  options: { readonly withMetadata?: boolean } = {},
): Record<string, unknown> {
  const payload = usualPayload(store, message, baseUrl, options);
  return message.disguise ? (message.disguise(payload) as Record<string, unknown>) : payload;
}

function usualPayload(
  store: WorkspaceStore,
  message: Message,
  baseUrl: string,
  { withMetadata = false }: { readonly withMetadata?: boolean },
): Record<string, unknown> {
  const replies = store.history(message.channel).filter((reply) => reply.threadTs === message.ts);
  const parent = message.threadTs === undefined ? undefined : store.find(message.channel, message.threadTs);
  const fromApp = message.author === store.bot.id;
  const otherBot = store.people.get(message.author)?.botId;
  return {
    type: 'message',
    ...(message.files.length > 0 && !fromApp ? { subtype: 'file_share' } : {}),
    user: message.author,
    ...(fromApp ? { bot_id: store.botId, app_id: store.appId } : {}),
    ...(otherBot === undefined ? {} : { bot_id: otherBot }),
    team: store.team.id,
    text: message.text,
    ts: message.ts,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.files.length > 0
      ? { files: message.files.map((file) => fileInMessage(store, file, baseUrl)) }
      : {}),
    ...(message.threadTs !== undefined ? { thread_ts: message.threadTs } : {}),
    ...(replies.length > 0 ? { thread_ts: message.ts, reply_count: replies.length } : {}),
    ...(parent !== undefined ? { parent_user_id: parent.author } : {}),
    ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
    ...(message.edited ? { edited: { user: message.author, ts: message.ts } } : {}),
    ...(message.stream?.state === 'streaming' ? { streaming_state: 'in_progress' } : {}),
  };
}
