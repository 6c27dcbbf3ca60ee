import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { patienceMs } from '../../test-servers/time/patience.js';
import { type BotProcess, startBotProcess } from '../support/bot-process.js';
import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { launchBrowser } from './launch-browser.js';
import { accessibilityViolations } from './page-scripts.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Pictures of the page for the README are only taken anew when asked for. */
const screenshots = process.env.UPDATE_SCREENSHOTS === '1';

/** The file of a drawing that the embedded model knows. */
export const drawing = (name: string) =>
  fileURLToPath(new URL(`../fixtures/emoji-scenes/validation/seen-drawings/${name}.png`, import.meta.url));

/** The web page in a real browser, with a bot and a model server behind it. Page and context are new for each test. */
export interface DrivenPage {
  readonly browser: Browser;
  readonly bot: BotProcess;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors that the page has met in this test, which must be none when it ends. */
  readonly problems: string[];
  readonly answers: () => Locator;
  readonly lastAnswer: () => Locator;
  /** Attaches drawings. */
  readonly choose: (...names: string[]) => Promise<void>;
  /** Asks, waits until the answer is complete and kept, and returns it. */
  readonly ask: (question: string) => Promise<string>;
  /** Resolves when the last answer is kept: before, a reload would lose it, and another question would not be taken. */
  readonly idle: () => Promise<void>;
  /** @param path within the repository */
  readonly takeScreenshot: (path: string) => Promise<void>;
}

/** Tests of the page on the embedded model; where no browser can run, one test that says so. */
export async function describeWebPage(title: string, tests: (driven: DrivenPage) => void): Promise<void> {
  const launch = await launchBrowser();
  if ('reason' in launch) {
    // Where no browser can run there is nothing to drive, but nobody should believe that the page was tested.
    const fails = process.env.CI !== undefined;
    console.warn(`The web page is not tested. ${launch.reason}`);
    (fails ? it : it.skip)(title, () => {
      throw new Error(launch.reason);
    });
  } else {
    describe(title, () => tests(driveWebPage(launch.browser)));
  }
}

function driveWebPage(browser: Browser): DrivenPage {
  let modelServer: ModelServerProcess;
  let bot: BotProcess;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    modelServer = await startModelServer();
    bot = await startBotProcess(
      { MODEL_SERVER_ADDRESS: modelServer.address },
      'limits: { perUser: { questions: 1000 } }',
    );
  });

  afterAll(async () => {
    await browser.close();
    await bot?.stop();
    await modelServer?.stop();
  });

  beforeEach(async () => {
    problems.length = 0;
    context = await browser.newContext({ viewport: { width: 1180, height: 760 }, locale: 'en-US' });
    context.setDefaultTimeout(patienceMs);
    page = await context.newPage();
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(bot.address);
    await page.locator('#model[data-state=running]').waitFor();
  });

  afterEach(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });

  const answers = () => page.locator('.answer');
  const lastAnswer = () => answers().last();
  const idle = () => page.locator('#send:not([hidden])').waitFor();
  return {
    browser,
    get bot() {
      return bot;
    },
    get context() {
      return context;
    },
    get page() {
      return page;
    },
    problems,
    answers,
    lastAnswer,
    async choose(...names) {
      await page.setInputFiles('#file', names.map(drawing));
      await page
        .locator('#pictures .ready')
        .nth(names.length - 1)
        .waitFor();
    },
    async ask(question) {
      await idle();
      const before = await answers().count();
      await page.getByLabel('Your question').fill(question);
      await page.keyboard.press('Enter');
      await answers().nth(before).and(page.locator('[data-state=done]')).waitFor();
      await idle();
      return lastAnswer().locator('.text').innerText();
    },
    idle,
    async takeScreenshot(path) {
      if (screenshots) await page.screenshot({ path });
    },
  };
}

/** What axe finds wrong with the page as it is now. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(accessibilityViolations);
}
