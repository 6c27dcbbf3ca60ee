import { EmulatedSlackChat } from './platforms/emulated-slack-chat.js';
import { readStories, tellStories } from './tell-stories.js';

/** What a Slack that others wrote can take: mentions, files, threads, edits, deletions and buttons. */
const stories = await readStories([
  'animation',
  'damaged-picture',
  'deletion-cancels',
  'duration',
  'feedback',
  'follow-up',
  'good-among-bad',
  'not-a-picture',
  'own-picture',
  'picture-without-words',
  'queue-position',
  'reload',
  'sent-once',
  'several-pictures',
  'stop',
  'thinking-first',
  'too-many-pictures',
  'try-again',
  'unreadable-format',
]);

describe('on the independent Slack emulator', () =>
  tellStories(
    stories.filter(({ on }) => on === 'everywhere'),
    EmulatedSlackChat.open,
    // One by one: the emulator imports a module at each start, which Jest refuses in the moments between two tests.
    it,
  ));
