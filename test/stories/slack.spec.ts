import { SlackChat } from './platforms/slack-chat.js';
import { readStories, tellStories } from './tell-stories.js';

const stories = await readStories();

describe('on Slack', () => {
  tellStories(
    stories.filter((story) => story.on === 'everywhere' || story.on === 'messengers' || story.on === 'slack'),
    SlackChat.open,
  );
});
