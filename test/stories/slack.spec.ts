import { SlackChat } from './platforms/slack-chat.js';
import type { Story } from './story.js';
import { readStories, tellStories } from './tell-stories.js';

const stories = await readStories();
/** What goes other ways over HTTP: events, commands, buttons, menus, modals and repeated deliveries. */
const sensitive = await readStories([
  'own-picture',
  'stop',
  'describe-command',
  'describe-menu',
  'slack-modal',
  'slack-delivered-twice',
]);

const onSlack = (all: readonly Story[]) =>
  all.filter(({ on }) => on === 'everywhere' || on === 'messengers' || on === 'slack');

describe('on Slack, over Socket Mode', () => tellStories(onSlack(stories), SlackChat.open));

describe('on Slack, over HTTP', () =>
  tellStories(onSlack(sensitive), (options) => SlackChat.open({ ...options, mode: 'http' })));
