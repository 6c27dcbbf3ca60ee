import type { ReplySink } from '../contract/index.js';
import { AppendWriter } from './append-writer.js';
import { EditWriter } from './edit-writer.js';
import type { ReplyWriter } from './paced-writer.js';

export type { ReplyWriter } from './paced-writer.js';
export { splitIntoMessages } from './split-messages.js';

export function createReplyWriter(sink: ReplySink): ReplyWriter {
  switch (sink.kind) {
    case 'edit':
      return new EditWriter(sink);
    case 'append':
      return new AppendWriter(sink);
  }
}
