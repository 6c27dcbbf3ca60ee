import { SlackApiError } from '../api-error.js';
import type { Methods } from '../method.js';
import { filePayload } from '../payloads.js';

/** Reading files, and uploading them in the three steps that replaced files.upload. */
export const fileMethods: Methods = {
  'files.info': {
    scopes: ['files:read'],
    tier: 4,
    run(args, { store, baseUrl }) {
      const file = store.files.get(args.required('file'));
      if (file === undefined) throw new SlackApiError('file_not_found');
      return { file: filePayload(store, file, baseUrl()) };
    },
  },
  'files.getUploadURLExternal': {
    scopes: ['files:write'],
    tier: 4,
    run(args, { uploads, baseUrl }) {
      const id = uploads.begin(args.required('filename'), args.count('length', 0));
      return { file_id: id, upload_url: `${baseUrl()}/upload/v1/${id}` };
    },
  },
  'files.completeUploadExternal': {
    scopes: ['files:write'],
    tier: 4,
    run(args, context) {
      const { store, uploads, events, baseUrl } = context;
      const completed = (args.json<readonly { id: string }[]>('files') ?? []).map(({ id }) =>
        uploads.complete(id),
      );
      if (args.text('channel_id') !== undefined) {
        const channel = store.conversations.get(args.required('channel_id'));
        if (channel === undefined) throw new SlackApiError('channel_not_found');
        const text = args.text('initial_comment') ?? '';
        const threadTs = args.text('thread_ts');
        const author = store.bot.id;
        void events.posted(
          store.addMessage({ channel: channel.id, author, text, files: completed, threadTs }),
        );
      }
      return { files: completed.map((file) => filePayload(store, file, baseUrl())) };
    },
  },
};
