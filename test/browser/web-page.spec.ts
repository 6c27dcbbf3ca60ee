import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';

import { type BotProcess, startBotProcess } from '../support/bot-process.js';
import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { patienceMs } from '../support/patience.js';
import { launchBrowser } from './launch-browser.js';
import {
  accessibilityViolations,
  atFirstWords,
  giveFiles,
  givePicture,
  recordLengths,
  reloadAtFirstWords,
  renderMarkdown,
  stopAtFirstWords,
} from './page-scripts.js';

const drawing = (name: string) =>
  fileURLToPath(new URL(`../fixtures/emoji-scenes/validation/seen-drawings/${name}.png`, import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One of the pictures that the page offers to try. */
const lobsterAndTulip = fileURLToPath(
  new URL('../../apps/bot/src/web/page/examples/lobster-and-tulip.png', import.meta.url),
);

const base64 = (name: string) => readFileSync(drawing(name), 'base64');

/** Pictures of the page for the README are only taken anew when asked for. */
const screenshots = process.env.UPDATE_SCREENSHOTS === '1' ? 'docs/screenshots' : undefined;

const launch = await launchBrowser();

if ('reason' in launch) {
  // Where no browser can run there is nothing to drive, but nobody should believe that the page was tested.
  const fails = process.env.CI !== undefined;
  console.warn(`The web page is not tested. ${launch.reason}`);
  (fails ? it : it.skip)('the web page, in a browser', () => {
    throw new Error(launch.reason);
  });
} else {
  describe('the web page, in a browser, on the embedded model', () => driveWebPage(launch.browser));
}

function driveWebPage(browser: Browser): void {
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
  });

  const answers = () => page.locator('.answer');
  const lastAnswer = () => answers().last();

  async function choose(...names: string[]): Promise<void> {
    await page.setInputFiles('#file', names.map(drawing));
    await page
      .locator('#pictures .ready')
      .nth(names.length - 1)
      .waitFor();
  }

  async function ask(question: string): Promise<string> {
    const before = await answers().count();
    await page.getByLabel('Your question').fill(question);
    await page.keyboard.press('Enter');
    await answers().nth(before).and(page.locator('[data-state=done]')).waitFor();
    return lastAnswer().locator('.text').innerText();
  }

  async function takeScreenshot(name: string): Promise<void> {
    if (screenshots) await page.screenshot({ path: `${screenshots}/${name}.png` });
  }

  it('answers a question about a picture that was dropped, and a second one about the same picture', async () => {
    await page.evaluate(givePicture('drop', base64('0000'), 'bat.png'));
    await page.locator('#pictures .ready').waitFor();

    await expect(ask('What is this?')).resolves.toBe('It is a bat.');
    await expect(ask('What is the background color?')).resolves.toMatch(/white/);
    await expect(page.locator('.question img').count()).resolves.toBe(1);
    expect(problems).toEqual([]);
  });

  it('takes a picture that was pasted', async () => {
    await page.evaluate(givePicture('paste', base64('0001'), 'oyster.png'));
    await page.locator('#pictures .ready').waitFor();
    await expect(ask('What is this?')).resolves.toBe('It is an oyster.');
  });

  it('lets the answer grow word by word', async () => {
    await choose('0000');
    await page.evaluate(recordLengths);
    const whole = await ask('Describe this image in detail.');
    const lengths = await page.evaluate<number[]>('lengths');
    const partial = new Set(lengths.filter((length) => length > 0 && length < whole.length));
    expect(partial.size).toBeGreaterThan(3);
  });

  it('stops when Stop is pressed, and answers again when asked to', async () => {
    await choose('0000');
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.evaluate(stopAtFirstWords);
    await page.keyboard.press('Enter');
    await page.locator('.answer[data-state=stopped]').waitFor();
    await expect(lastAnswer().locator('.status').innerText()).resolves.toBe('Stopped.');
    const half = await lastAnswer().locator('.text').innerText();

    await lastAnswer().getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state=done]').waitFor();
    await expect(answers().count()).resolves.toBe(1);
    expect((await lastAnswer().locator('.text').innerText()).length).toBeGreaterThan(half.length);
  });

  it('keeps chats in this browser, and their pictures', async () => {
    await choose('0000');
    await ask('What is this?');
    await page.reload();
    await page.getByRole('button', { name: 'What is this?', exact: true }).click();
    await expect(lastAnswer().locator('.text').innerText()).resolves.toBe('It is a bat.');
    const picture = page.locator('.question img');
    await picture.and(page.locator('[src]')).waitFor();
    await expect(page.evaluate("document.querySelector('.question img').decode()")).resolves.toBeUndefined();
    await expect(ask('What is this?')).resolves.toMatch(/bat/);

    await page.getByRole('button', { name: 'Delete chat: What is this?' }).click();
    await page.locator('#no-chats').waitFor();
  });

  it('can go on after it was closed in the middle of an answer', async () => {
    await choose('0000');
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.evaluate(reloadAtFirstWords);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Describe this image in detail.', exact: true }).click();
    await expect(lastAnswer().locator('.status').innerText()).resolves.toBe('Stopped.');
    await lastAnswer().getByRole('button', { name: 'Try again' }).click();
    // Deleting the chat stops the answer, which is not kept.
    await page.getByRole('button', { name: 'Delete chat: Describe this image in detail.' }).click();
    await page.locator('#no-chats').waitFor();
  });

  it('writes alt text for the pictures that an answer is about, and for none where there are none', async () => {
    await ask('Hello!');
    await expect(page.getByRole('button', { name: 'Alt text' }).count()).resolves.toBe(0);
    await choose('0000');
    await ask('What is this?');
    await choose('0001');
    await ask('What is this?');
    await page.getByRole('button', { name: 'Alt text' }).first().click();
    await page.locator('.alt-text .alt-label').waitFor();
    await expect(page.locator('.alt-text').innerText()).resolves.toMatch(/bat/);
  });

  it('says in plain words why a file cannot be used', async () => {
    await page.setInputFiles('#file', {
      name: 'notes.png',
      mimeType: 'image/png',
      buffer: Buffer.from('just text'),
    });
    await page.getByText('notes.png: this is not a picture.').waitFor();
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    await page.setInputFiles('#file', { name: 'IMG_0001.heic', mimeType: '', buffer: heic });
    await page.getByText('IMG_0001.heic: I cannot read HEIC files. PNG, JPEG').waitFor();
    await expect(page.locator('#pictures li').count()).resolves.toBe(0);
  });

  it('goes on with an answer while another chat is open, and Escape closes what is open before it stops', async () => {
    await choose('0000');
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.evaluate(atFirstWords("document.querySelector('#new-chat').click()"));
    await page.keyboard.press('Enter');
    await page.locator('#welcome:not([hidden])').waitFor();
    await page.getByRole('button', { name: 'Describe this image in detail.', exact: true }).click();
    await page.locator('.answer[data-state=done]').waitFor();
    await expect(lastAnswer().locator('.text').innerText()).resolves.toMatch(/^The image shows a bat/);

    await page.locator('#model').click();
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.locator('#model').focus();
    await page.evaluate(
      "document.querySelector('#about-model').matches(':popover-open') || document.querySelector('#model').click()",
    );
    await page.evaluate("document.querySelector('#composer').requestSubmit()");
    await page.keyboard.press('Escape');
    await answers().nth(1).and(page.locator('[data-state=done]')).waitFor();
    await expect(page.locator('#about-model:popover-open').count()).resolves.toBe(0);
  });

  it('keeps a picture that is attached when another chat is deleted', async () => {
    await ask('Hello!');
    await page.getByRole('button', { name: 'New chat' }).click();
    await choose('0000');
    await page.getByRole('button', { name: 'Delete chat: Hello!' }).click();
    await page.locator('#no-chats:not([hidden])').waitFor();
    await expect(ask('What is this?')).resolves.toBe('It is a bat.');
    await page.reload();
    await page.locator('.question img[src]').waitFor();
    await expect(page.evaluate("document.querySelector('.question img').decode()")).resolves.toBeUndefined();
  });

  it('keeps what is asked in two tabs of one chat', async () => {
    await choose('0000');
    await ask('What is this?');
    const second = await context.newPage();
    await second.goto(page.url());
    await second.locator('.answer[data-state=done]').waitFor();
    await second.getByLabel('Your question').fill('How many are there?');
    await second.keyboard.press('Enter');
    await second.locator('.answer[data-state=done]').nth(1).waitFor();
    await page.locator('.question').nth(1).waitFor();
    await ask('What is the background color?');
    await second.locator('.question').nth(2).waitFor();
    for (const tab of [page, second]) {
      await tab.reload();
      await tab.locator('.answer[data-state=done]').nth(2).waitFor();
      await expect(tab.locator('.bubble').allInnerTexts()).resolves.toEqual([
        'What is this?',
        'How many are there?',
        'What is the background color?',
      ]);
    }
  });

  it('takes as many pictures as the model tells apart, and says so', async () => {
    await choose('0000');
    await page.evaluate(givePicture('paste', base64('0001'), 'oyster.png'));
    await page.getByText('This model looks at one picture at a time.').waitFor();
    await expect(page.locator('#pictures li').count()).resolves.toBe(1);
  });

  it('lists every file that cannot be used', async () => {
    await page.evaluate(giveFiles(['a.txt', 'b.txt']));
    await expect(page.locator('#composer-problem li').allInnerTexts()).resolves.toEqual([
      'a.txt: This is not a picture.',
      'b.txt: This is not a picture.',
    ]);
  });

  it('asks about an example at one click, and offers further questions', async () => {
    await page.locator('#examples button').first().click();
    await page.locator('.answer[data-state=done]').waitFor();
    await expect(lastAnswer().locator('.text').innerText()).resolves.toBe('It is a fox.');
    await expect(lastAnswer().locator('.measured').innerText()).resolves.toMatch(
      /^[\d.]+ s · [\d.]+ tokens\/s$/,
    );
    await page.getByRole('button', { name: 'What is the background color?' }).click();
    await answers().nth(1).and(page.locator('[data-state=done]')).waitFor();
    await expect(lastAnswer().locator('.text').innerText()).resolves.toMatch(/blue/);
  });

  it('opens a picture large, and closes it with Escape', async () => {
    await choose('0000');
    await ask('What is this?');
    await page.getByRole('button', { name: 'Enlarge 0000.png' }).click();
    await page.locator('#large[open] img').waitFor();
    await expect(violations(page)).resolves.toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#large:not([open])').waitFor({ state: 'attached' });
  });

  it('changes a question and asks it again, deletes one with its answer, and recalls the last', async () => {
    await choose('0000');
    await ask('What is this?');
    await ask('How many are there?');
    await page.keyboard.press('ArrowUp');
    await expect(page.getByLabel('Your question').inputValue()).resolves.toBe('How many are there?');

    await page.locator('.question').first().hover();
    await page.getByRole('button', { name: 'Change and ask again' }).first().click();
    await page.locator('#pictures .ready').waitFor();
    await page.getByLabel('Your question').fill('What is the background color?');
    await page.keyboard.press('Enter');
    await page.locator('.answer .text', { hasText: 'The background is white.' }).waitFor();
    await expect(page.locator('.bubble').allInnerTexts()).resolves.toEqual(['What is the background color?']);
    await expect(page.locator('.question img').count()).resolves.toBe(1);

    await page.locator('.question').hover();
    await page.getByRole('button', { name: 'Delete question and answer' }).click();
    await page.locator('#welcome:not([hidden])').waitFor();
    await page.reload();
    await expect(page.locator('.question').count()).resolves.toBe(0);
  });

  it('gives a chat an address and a name, finds it, and takes its deletion back', async () => {
    await ask('Hello!');
    const address = page.url();
    page.once('dialog', (dialog) => void dialog.accept('Greetings'));
    await page.getByRole('button', { name: 'Rename chat' }).click();
    await page.locator('#title', { hasText: 'Greetings' }).waitFor();
    await page.getByRole('button', { name: 'New chat' }).click();
    await ask('Good morning!');
    await page.getByLabel('Search chats').fill('greet');
    await expect(page.locator('.chat').allInnerTexts()).resolves.toEqual(['Greetings']);
    await page.getByRole('button', { name: 'Delete chat: Greetings' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.chat', { hasText: 'Greetings' }).waitFor();
    await page.goto(address);
    await page.reload();
    await page.locator('#title', { hasText: 'Greetings' }).waitFor();
    await expect(page.locator('.bubble').allInnerTexts()).resolves.toEqual(['Hello!']);

    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save chat as Markdown' }).click();
    const file = await (await saving).path();
    expect(readFileSync(file, 'utf8')).toMatch(/^# Greetings\n\n\*\*You\*\*\n\nHello!\n\n\*\*Answer\*\*/);
  });

  it('shrinks a large photograph before it is sent', async () => {
    const photograph = await sharp({
      create: { width: 4_000, height: 3_000, channels: 3, background: 'teal' },
    })
      .jpeg()
      .toBuffer();
    await page.setInputFiles('#file', { name: 'large.jpg', mimeType: 'image/jpeg', buffer: photograph });
    await page.locator('#pictures .ready').waitFor();
    await ask('What is this?');
    await page.locator('.question img[src]').waitFor();
    const size = `(async () => {
      const image = document.querySelector('.question img');
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    })()`;
    await expect(page.evaluate(size)).resolves.toEqual([2_048, 1_536]);
  });

  it('says that a model server is slow, with the time', async () => {
    await page.clock.install();
    await page.route('**/api/answers', () => {});
    await page.getByLabel('Your question').fill('Hello!');
    await page.keyboard.press('Enter');
    await page.locator('.answer').waitFor();
    await page.clock.fastForward(12_000);
    await page.getByText(/^This takes longer than usual: 1\d s so far\.$/).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.answer[data-state=stopped]').waitFor();
  });

  it('counts down until a question may be asked again', async () => {
    const end = {
      event: 'end',
      state: 'refused',
      status: 'That was a lot of questions. Please ask again in 30 s.',
      notes: [],
      actions: [],
      retryAfterSeconds: 30,
    };
    await page.clock.install();
    await page.route('**/api/answers', (route) => route.fulfill({ body: `${JSON.stringify(end)}\n` }));
    await page.getByLabel('Your question').fill('Hello!');
    await page.keyboard.press('Enter');
    await page.locator('.status', { hasText: /ask again in (30|29) s\.$/ }).waitFor();
    await expect(lastAnswer().getByRole('button', { name: 'Try again' }).isDisabled()).resolves.toBe(true);
    await page.clock.runFor(31_000);
    await page.locator('.status', { hasText: 'You can ask again now.' }).waitFor();
    await expect(lastAnswer().getByRole('button', { name: 'Try again' }).isEnabled()).resolves.toBe(true);
  });

  it.each([
    ['quotes', '> '.repeat(1_500)],
    ['quotes without spaces', '>'.repeat(1_500)],
    ['lists', '- '.repeat(1_500)],
    ['indented lists', Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n')],
    ['emphasis', '*a **b '.repeat(1_500)],
    ['brackets', '['.repeat(1_500)],
  ])('shows %s nested 1,500 deep as text', async (_what, nested) => {
    await page.evaluate(renderMarkdown(`${nested} the end`));
    await page.locator('#rendered', { hasText: 'the end' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('copies a block of code', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(renderMarkdown('```\nfox()\n```'));
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await expect(page.evaluate('navigator.clipboard.readText()')).resolves.toBe('fox()\n');
  });

  it('shows markup in an answer as text or harmless formatting, and runs nothing', async () => {
    await page.evaluate(
      renderMarkdown(
        '**bold** <img src=x onerror="window.hacked=1"><script>window.hacked=1</script> ' +
          '[x](javascript:window.hacked=1) [ok](https://example.com)',
      ),
    );
    const rendered = page.locator('#rendered');
    await expect(rendered.locator('strong').innerText()).resolves.toBe('bold');
    await expect(rendered.locator('img, script, [onerror], a[href^="javascript:"]').count()).resolves.toBe(0);
    await expect(rendered.locator('a[href="https://example.com"]').getAttribute('rel')).resolves.toContain(
      'noopener',
    );
    await expect(page.evaluate("'hacked' in window")).resolves.toBe(false);
  });

  it('scrolls what is wider than a phone by itself, and is accessible', async () => {
    await page.setViewportSize({ width: 390, height: 780 });
    await page.evaluate(
      renderMarkdown(
        `| ${'animal | '.repeat(12)}\n|${'---|'.repeat(12)}\n| ${'fox | '.repeat(12)}\n\n\`\`\`\n${'word '.repeat(40)}\n\`\`\``,
      ),
    );
    await expect(violations(page)).resolves.toEqual([]);
    const overflow =
      "[...document.querySelectorAll('.wide')].map((wide) => wide.scrollWidth > wide.clientWidth)";
    await expect(page.evaluate(overflow)).resolves.toEqual([true, true]);
  });

  it('has words in the visitor’s language', async () => {
    const german = await browser.newContext({ locale: 'de-DE' });
    const germanPage = await german.newPage();
    await germanPage.goto(bot.address);
    await germanPage.getByRole('heading', { name: 'Was ist auf deinem Bild?' }).waitFor();
    await expect(germanPage.locator('html').getAttribute('lang')).resolves.toBe('de');
    await german.close();
  });

  it('can be used with the keyboard alone', async () => {
    await page.getByRole('button', { name: 'Ask “What is this?” about this picture' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.answer[data-state=done]').waitFor();
    await expect(page.evaluate('document.activeElement.id')).resolves.toBe('question');
    await expect(page.locator('#announcer').innerText()).resolves.toMatch(/fox/);
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries({
      desktop: { width: 1180, height: 760 },
      phone: { width: 390, height: 780 },
    })) {
      it(`is accessible and does not overflow: ${scheme}, ${device}`, async () => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(viewport);
        await takeScreenshot(`web-welcome-${scheme}-${device}`);
        await expect(violations(page)).resolves.toEqual([]);

        await page
          .getByRole('button', { name: 'Ask “Describe this image in detail.” about this picture' })
          .click();
        await page.locator('.answer[data-state=done]').waitFor();
        await ask('What is the background color?');
        await takeScreenshot(device === 'desktop' ? `web-${scheme}` : `web-${scheme}-${device}`);
        await expect(violations(page)).resolves.toEqual([]);
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(overflow).toBe(0);
      });
    }
  }

  it('is recorded for the README: a description, a question and alt text', async () => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.setInputFiles('#file', lobsterAndTulip);
    await page.locator('#pictures .ready').waitFor();
    await expect(ask('Describe this image in detail.')).resolves.toMatch(/^The image shows a lobster/);
    await expect(ask('What is on the right?')).resolves.toBe('On the right there is a tulip.');
    await lastAnswer().getByRole('button', { name: 'Alt text' }).click();
    await page.locator('.alt-text .alt-label').waitFor();
    if (screenshots) await page.screenshot({ path: 'docs/recordings/web.png' });
  });

  it('goes dark when asked to, and remembers it', async () => {
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background();
    await page.getByLabel('Appearance').selectOption('Dark');
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await expect(background()).resolves.toBe(dark);
  });
}

/** What axe finds wrong with the page as it is now. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(accessibilityViolations);
}
