import type { AnswerRequest } from '../protocol.js';
import type { Message } from './chat.js';

/** What of a chat the model should see: as much as the bot reads, no answers that never came, and its latest pictures. */
export function historyOf(messages: readonly Message[], maxMessages: number): AnswerRequest['messages'] {
  const said = messages.filter(({ author, text }) => author === 'user' || text !== '');
  // One more than the bot reads tells it that there is more.
  const latest = said.slice(-maxMessages - 1);
  const pictures = said.findLast(({ images }) => images.length > 0);
  if (latest.length > maxMessages && pictures && !latest.slice(1).includes(pictures)) latest[1] = pictures;
  return latest.map((message) => ({
    author: message.author,
    text: message.text,
    images: message.images,
    unfinished: message.author === 'bot' && message.state !== 'done',
  }));
}
