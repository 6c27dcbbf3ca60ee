import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';

import { eventuallyPasses } from '../support/eventually.js';
import { describeWebPage, violations } from './driven-page.js';
import { renderMarkdown } from './page-scripts.js';

/** One of the pictures that the page offers to try. */
const lobsterAndTulip = fileURLToPath(
  new URL('../../apps/bot/src/web/page/examples/lobster-and-tulip.png', import.meta.url),
);

await describeWebPage('the looks of the web page, in a browser', (driven) => {
  const { ask, browser, choose, lastAnswer, problems, takeScreenshot } = driven;
  let page: Page;
  beforeEach(() => {
    page = driven.page;
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
  });

  it('copies a block of code', async () => {
    await driven.context.grantPermissions(['clipboard-read', 'clipboard-write']);
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
    // The browser says that the page's policy lets no markup run.
    expect(problems.splice(0)).toEqual([expect.stringContaining('Content Security Policy')]);
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
    await germanPage.goto(driven.bot.address);
    await germanPage.getByRole('heading', { name: 'Was ist auf deinem Bild?' }).waitFor();
    await expect(germanPage.locator('html').getAttribute('lang')).resolves.toBe('de');
    await german.close();
  });

  it('can be used with the keyboard alone', async () => {
    await page.getByRole('button', { name: 'Ask “What is this?” about this picture' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.answer[data-state=done]').waitFor();
    await eventuallyPasses(() =>
      expect(page.evaluate('document.activeElement.id')).resolves.toBe('question'),
    );
    await eventuallyPasses(() => expect(page.locator('#announcer').innerText()).resolves.toMatch(/fox/));
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries({
      desktop: { width: 1180, height: 760 },
      phone: { width: 390, height: 780 },
    })) {
      it(`is accessible and does not overflow: ${scheme}, ${device}`, async () => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(viewport);
        await takeScreenshot(`runs/screenshots/web-welcome-${scheme}-${device}.png`);
        await expect(violations(page)).resolves.toEqual([]);

        await page
          .getByRole('button', { name: 'Ask “Describe this image in detail.” about this picture' })
          .click();
        await page.locator('.answer[data-state=done]').waitFor();
        await ask('What is the background color?');
        await takeScreenshot(`runs/screenshots/web-${scheme}${device === 'desktop' ? '' : `-${device}`}.png`);
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
    await takeScreenshot('docs/recordings/web.png');
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
    await eventuallyPasses(() => expect(background()).resolves.toBe(dark));
  });
});
