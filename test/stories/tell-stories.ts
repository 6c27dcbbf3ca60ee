import { readdirSync } from 'node:fs';

import { type Engine, startEngine } from '#libs/engine';

import type { Config } from '../support/running-bot.js';
import type { ChatPlatform } from './chat-platform.js';
import { DirectedModel } from './directed-model.js';
import type { Scene, Story } from './story.js';
import { StoryServer } from './story-server.js';

const nano = new URL('../../models/nano', import.meta.url).pathname;
const engine = startEngine({ modelPath: nano, device: 'cpu', queueLimit: 200 });
afterAll(async () => (await engine).close());

const ending = '.story.ts';

/** The stories of this folder, each in a file of its own; only those of these names, when some are given. */
export async function readStories(names?: readonly string[]): Promise<Story[]> {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith(ending));
  const stories: Story[] = [];
  // One after the other: Jest mixes modules up that import the same ones at the same time.
  for (const name of names ?? files.map((file) => file.slice(0, -ending.length))) {
    const { story } = await import(`./${name}.story.js`);
    stories.push(story);
  }
  return stories;
}

interface StoryFor<Chat extends ChatPlatform> {
  readonly title: string;
  readonly config?: Config;
  readonly asProcess?: boolean;
  tell(scene: Scene<Chat>): Promise<void>;
}

/** Opens the platform of a story: nobody else is there. */
type Open<Chat> = (options: {
  readonly modelServer: string;
  readonly config: Config | undefined;
  readonly asProcess: boolean | undefined;
}) => Promise<Chat>;

/**
 * Tells stories, several at a time unless `test` is given. Each has a platform, a bot and a model server of its own,
 * which start in milliseconds; they share the embedded model behind it.
 */
export function tellStories<Chat extends ChatPlatform>(
  stories: readonly StoryFor<Chat>[],
  open: Open<Chat>,
  test: jest.It = it.concurrent,
): void {
  // Programs load modules when they start for the first time, which Jest mixes up when several do so at once.
  let rehearsed: Promise<void> | undefined;

  test.each(stories.map((story) => [story.title, story] as const))('%s', async (_title, story) => {
    rehearsed ??= engine.then((started) => tell(rehearsal, started, open));
    await rehearsed;
    await tell(story, await engine, open);
  });
}

const rehearsal = { title: 'everybody comes and goes', tell: async () => {} };

async function tell<Chat extends ChatPlatform>(
  { config, asProcess, tell }: StoryFor<Chat>,
  engine: Engine,
  open: Open<Chat>,
): Promise<void> {
  const model = new DirectedModel(engine);
  const server = await StoryServer.start(model);
  try {
    const chat = await open({ modelServer: server.address, config, asProcess });
    try {
      await tell({ chat, model, server });
      expect(chat.breaches()).toEqual([]);
    } finally {
      await chat.close();
    }
  } finally {
    await server.close();
  }
}
