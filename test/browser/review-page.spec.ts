import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { Curation, outcomeOf, type ReviewServer, startReviewServer } from '#libs/curation';

import { patienceMs } from '../../test-servers/time/patience.js';
import { eventuallyPasses } from '../support/eventually.js';
import { launchBrowser } from './launch-browser.js';
import { accessibilityViolations } from './page-scripts.js';

/** What a stage-1 model said, and how it was repaired. */
const pairs = [
  {
    id: '0000',
    description:
      'The image shows a bat on a white background. It is large and fills most of the picture. ###',
    answer: 'The image shows a bat on a white background. It is large and fills most of the picture.',
  },
  {
    id: '0001',
    description: 'The image shows an oyster on a purple background. There are welcome!',
    answer: 'The image shows an oyster on a purple background. It is placed at the center.',
  },
  {
    id: '0002',
    description: 'The image shows a lizard on a green background. The lizard. The lizard. The lizard.',
    answer: 'The image shows a lizard on a green background. It is small and placed at the left.',
  },
  {
    id: '0003',
    description: 'The image shows a guitar.',
    answer: "I'm sorry, but there is nothing to fix.",
  },
] as const;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = process.env.UPDATE_SCREENSHOTS === '1' ? 'docs/recordings' : undefined;

const launch = await launchBrowser();

if ('reason' in launch) {
  const fails = process.env.CI !== undefined;
  console.warn(`The review page is not tested. ${launch.reason}`);
  (fails ? it : it.skip)('the review page, in a browser', () => {
    throw new Error(launch.reason);
  });
} else {
  describe('the review page, in a browser', () => driveReviewPage(launch.browser));
}

function driveReviewPage(browser: Browser): void {
  let folder: string;
  let curation: Curation;
  let server: ReviewServer;
  let page: Page;
  const problems: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'review-'));
    curation = await curated(folder);
    server = await startReviewServer(curation, 0);
    page = await browser.newPage({ viewport: { width: 1180, height: 760 } });
    page.setDefaultTimeout(patienceMs);
    problems.length = 0;
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(server.address);
    await page.locator('#pair').waitFor();
  });
  afterEach(async () => {
    await page.close();
    await server.close();
    await rm(folder, { recursive: true });
    expect(problems).toEqual([]);
  });
  afterAll(() => browser.close());

  const state = () => page.locator('#state').innerText();
  const file = () => page.locator('#file').innerText();
  const progress = () => page.locator('#progress').innerText();
  const decided = (id: string) => outcomeOf(curation.pair(id)!);

  it('keeps, edits and rejects by keyboard alone, each decision at once in the journal', async () => {
    await eventuallyPasses(() => expect(file()).resolves.toBe('0000.png'));
    await page.keyboard.press('k');
    await page.getByText('0001.png', { exact: true }).waitFor();
    expect(decided('0000')).toMatchObject({ kind: 'kept', caption: pairs[0].answer });

    await page.keyboard.press('e');
    await page.keyboard.type(' It keeps its pearl to itself, k and r.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('0002.png', { exact: true }).waitFor();
    expect(decided('0001')).toMatchObject({
      kind: 'kept',
      caption: `${pairs[1].answer} It keeps its pearl to itself, k and r.`,
    });

    await page.keyboard.press('r');
    await page.getByText('Every pair is reviewed. Press Finish to write the result.').waitFor();
    expect(decided('0002')).toMatchObject({ kind: 'dropped', reason: 'rejected' });
    await eventuallyPasses(() => expect(progress()).resolves.toBe('3 of 3 reviewed: 2 kept, 1 rejected'));
    await eventuallyPasses(() =>
      expect(page.locator('#announcer').innerText()).resolves.toBe('Rejected. That was the last.'),
    );
    expect(Curation.open(folder, curation.settings).pairs).toEqual(curation.pairs);

    await page.getByRole('button', { name: 'Finish' }).click();
    await server.finished;
    await page.getByText('Finished. The result is written; you can close this page.').waitFor();
  });

  it('takes an edit back with Escape, and keeps no pair without a description', async () => {
    const description = page.getByLabel('Description');
    await page.keyboard.press('e');
    await page.keyboard.type('Nonsense');
    await page.keyboard.press('Escape');
    await eventuallyPasses(() => expect(description.inputValue()).resolves.toBe(pairs[0].answer));

    await description.fill('  ');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('There is no description to keep. Write one, or reject the pair.').waitFor();
    expect(curation.pair('0000')?.reviewed).toBeUndefined();
  });

  it('goes back to change a decision', async () => {
    await page.keyboard.press('k');
    await page.getByText('0001.png', { exact: true }).waitFor();
    await page.getByLabel('Show').selectOption('all that passed the rules');
    await eventuallyPasses(() => expect(state()).resolves.toBe('Kept'));
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('0001.png', { exact: true }).waitFor();
    expect(decided('0000')).toMatchObject({ reason: 'rejected' });
    await page.keyboard.press('Tab'); // out of the list, whose arrow keys are its own
    await page.keyboard.press('ArrowLeft');
    await eventuallyPasses(() => expect(state()).resolves.toBe('Rejected'));
  });

  it('shows what the rules dropped and why, and brings it back when it is written anew', async () => {
    await page.getByLabel('Show').selectOption('dropped by the rules');
    await eventuallyPasses(() => expect(state()).resolves.toBe('Dropped by the rules: there are no words'));
    await page.getByLabel('Description').fill('The image shows a guitar on a white background.');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('Kept, edited', { exact: true }).waitFor();
    expect(decided('0003')).toMatchObject({ kind: 'kept' });
  });

  it('listens to no other site', async () => {
    const foreign = await fetch(`${server.address}/pairs`, { headers: { origin: 'https://example.com' } });
    expect(foreign.status).toBe(403);
    const long = JSON.stringify({ decision: 'keep', caption: 'x'.repeat(100_000) });
    const tooLong = await fetch(`${server.address}/pairs/0000`, { method: 'PUT', body: long });
    expect(tooLong.status).toBe(413);
    const unknown = await fetch(`${server.address}/images/..%2Fjournal.jsonl`);
    expect(unknown.status).toBe(404);
  });

  for (const [colorScheme, ground] of [
    ['light', 'rgb(250, 249, 246)'],
    ['dark', 'rgb(20, 22, 21)'],
  ] as const) {
    it(`has the colours of the chat page, is accessible and fits a phone: ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const background = 'getComputedStyle(document.documentElement).backgroundColor';
      await expect(page.evaluate(background)).resolves.toBe(ground);
      await page.getByText('How it came about').click();
      if (screenshots) await page.screenshot({ path: `${screenshots}/curation-review-${colorScheme}.png` });
      await page.evaluate(axe);
      await expect(page.evaluate(accessibilityViolations)).resolves.toEqual([]);
      await page.setViewportSize({ width: 390, height: 780 });
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      await expect(page.evaluate(overflow)).resolves.toBe(0);
    });
  }
}

/** A folder whose pairs were described and repaired already. */
async function curated(folder: string): Promise<Curation> {
  const images = join(folder, 'photos');
  await mkdir(images);
  const curation = Curation.open(folder, { images, model: 'models/nano', seed: 42 });
  for (const { id, description, answer } of pairs) {
    const file = `${id}.png`;
    await copyFile(`test/fixtures/emoji-scenes/validation/seen-drawings/${file}`, join(images, file));
    curation.record({ step: 'described', id, file, text: description, tokens: 40, isContinued: true });
    curation.record({ step: 'repaired', id, answer, promptTokens: 100, completionTokens: 30 });
  }
  return curation;
}
