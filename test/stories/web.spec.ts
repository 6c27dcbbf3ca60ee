import { WebChat } from './platforms/web-chat.js';
import { readStories, tellStories } from './tell-stories.js';

const stories = await readStories();

describe('on the web page', () => {
  tellStories(
    stories.filter((story) => story.on === 'everywhere' || story.on === 'web'),
    WebChat.open,
  );
});
