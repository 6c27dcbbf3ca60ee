import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { jsonText } from '../../foreign-json.js';
import type { Words } from '../../words/index.js';
import { itemsOf, slackFile } from '../conversation/slack-message.js';

export const describeModalId = 'describe';

const picturesBlock = 'pictures';
const questionBlock = 'question';
const inputId = 'input';

/** What Slack keeps with the modal until it is sent. */
const modalOrigin = z.object({
  channel: z.string(),
  responseUrl: z.string(),
  wish: z.enum(['chat', 'alt-text']),
});

type ModalOrigin = z.infer<typeof modalOrigin>;

const sentView = z.object({
  private_metadata: jsonText(modalOrigin),
  state: z.object({
    values: z.object({
      [picturesBlock]: z.object({ [inputId]: z.object({ files: itemsOf('file', slackFile) }) }),
      [questionBlock]: z.object({ [inputId]: z.object({ value: z.string().nullish() }) }),
    }),
  }),
});

/** The modal below as somebody sent it. */
export const modalSubmission = z
  .object({ user: z.object({ id: z.string() }), view: sentView })
  .transform(({ user, view: { private_metadata: origin, state } }) => {
    const { items, leftOut } = state.values[picturesBlock][inputId].files;
    const question = state.values[questionBlock][inputId].value ?? '';
    return { user: user.id, origin, files: items, question, leftOut };
  });

export type ModalSubmission = z.infer<typeof modalSubmission>;

/** What the modal answers where it is not taken. */
export const modalErrors = (sentence: string) =>
  ({ response_action: 'errors', errors: { [picturesBlock]: sentence } }) as const;

/** A modal to upload pictures in: files cannot ride on a slash command. */
export function describeModal(origin: ModalOrigin, maxFiles: number, words: Words): ModalView {
  const { slack } = words;
  const plain = (text: string) => ({ type: 'plain_text', text }) as const;
  return {
    type: 'modal',
    callback_id: describeModalId,
    private_metadata: JSON.stringify(origin),
    title: plain(slack.describeTitle),
    submit: plain(slack.submit),
    close: plain(slack.cancel),
    blocks: [
      {
        type: 'input',
        block_id: picturesBlock,
        label: plain(slack.pictures),
        element: {
          type: 'file_input',
          action_id: inputId,
          filetypes: ['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif'],
          max_files: Math.min(10, maxFiles),
        },
      },
      {
        type: 'input',
        block_id: questionBlock,
        optional: true,
        label: plain(slack.question),
        hint: plain(slack.questionHint),
        element: { type: 'plain_text_input', action_id: inputId, max_length: 2_000 },
      },
    ],
  };
}
