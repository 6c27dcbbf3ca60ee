import { DiscordChat } from './platforms/discord-chat.js';
import { readStories, tellStories } from './tell-stories.js';

const stories = await readStories();

describe('on Discord', () => {
  tellStories(
    stories.filter(
      (story) => story.on === 'everywhere' || story.on === 'messengers' || story.on === 'discord',
    ),
    DiscordChat.open,
  );
});
