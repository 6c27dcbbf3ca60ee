import { readFileSync } from 'node:fs';

import type { Page } from 'playwright-core';

import { eventuallyPasses } from '../support/eventually.js';
import { describeWebPage } from './driven-page.js';
import { atFirstWords, reloadAtFirstWords } from './page-scripts.js';

await describeWebPage('the chats of the web page, in a browser', (driven) => {
  const { answers, ask, choose, idle, lastAnswer } = driven;
  let page: Page;
  beforeEach(() => {
    page = driven.page;
  });

  it('keeps chats in this browser, and their pictures', async () => {
    await choose('0000');
    await ask('What is this?');
    await page.reload();
    await page.getByRole('button', { name: 'What is this?', exact: true }).click();
    await eventuallyPasses(() =>
      expect(lastAnswer().locator('.text').innerText()).resolves.toBe('It is a bat.'),
    );
    const picture = page.locator('.question img');
    await picture.and(page.locator('[src]')).waitFor();
    await eventuallyPasses(() =>
      expect(page.evaluate("document.querySelector('.question img').decode()")).resolves.toBeUndefined(),
    );
    await expect(ask('What is this?')).resolves.toMatch(/bat/);

    await page.getByRole('button', { name: 'Delete chat: What is this?' }).click();
    await page.locator('#no-chats').waitFor();
  });

  it('can go on after it was closed in the middle of an answer', async () => {
    await choose('0000');
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.evaluate(reloadAtFirstWords);
    // The chat is in the list before the page reloads, too: only what is clicked afterwards counts.
    const reloaded = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await reloaded;
    await page.getByRole('button', { name: 'Describe this image in detail.', exact: true }).click();
    await lastAnswer().locator('.status').getByText('Stopped.', { exact: true }).waitFor();
    await lastAnswer().getByRole('button', { name: 'Try again' }).click();
    // Deleting the chat stops the answer, which is not kept.
    await page.getByRole('button', { name: 'Delete chat: Describe this image in detail.' }).click();
    await page.locator('#no-chats').waitFor();
  });

  it('goes on with an answer while another chat is open, and Escape closes what is open before it stops', async () => {
    await choose('0000');
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.evaluate(atFirstWords("document.querySelector('#new-chat').click()"));
    await page.keyboard.press('Enter');
    await page.locator('#welcome:not([hidden])').waitFor();
    await page.getByRole('button', { name: 'Describe this image in detail.', exact: true }).click();
    await page.locator('.answer[data-state=done]').waitFor();
    await eventuallyPasses(() =>
      expect(lastAnswer().locator('.text').innerText()).resolves.toMatch(/^The image shows a bat/),
    );

    await idle();
    await page.locator('#model').click();
    await page.getByLabel('Your question').fill('Describe this image in detail.');
    await page.locator('#model').focus();
    await page.evaluate(
      "document.querySelector('#about-model').matches(':popover-open') || document.querySelector('#model').click()",
    );
    await page.evaluate("document.querySelector('#composer').requestSubmit()");
    await page.keyboard.press('Escape');
    await answers().nth(1).and(page.locator('[data-state=done]')).waitFor();
    await eventuallyPasses(() => expect(page.locator('#about-model:popover-open').count()).resolves.toBe(0));
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
    await eventuallyPasses(() =>
      expect(page.evaluate("document.querySelector('.question img').decode()")).resolves.toBeUndefined(),
    );
  });

  it('keeps what is asked in two tabs of one chat', async () => {
    await choose('0000');
    await ask('What is this?');
    const second = await driven.context.newPage();
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
      await eventuallyPasses(() =>
        expect(tab.locator('.bubble').allInnerTexts()).resolves.toEqual([
          'What is this?',
          'How many are there?',
          'What is the background color?',
        ]),
      );
    }
  });

  it('changes a question and asks it again, deletes one with its answer, and recalls the last', async () => {
    await choose('0000');
    await ask('What is this?');
    await ask('How many are there?');
    await page.keyboard.press('ArrowUp');
    await eventuallyPasses(() =>
      expect(page.getByLabel('Your question').inputValue()).resolves.toBe('How many are there?'),
    );

    await page.locator('.question').first().hover();
    await page.getByRole('button', { name: 'Change and ask again' }).first().click();
    await page.locator('#pictures .ready').waitFor();
    await page.getByLabel('Your question').fill('What is the background color?');
    await page.keyboard.press('Enter');
    await page.locator('.answer[data-state=done] .text', { hasText: 'The background is white.' }).waitFor();
    await eventuallyPasses(() =>
      expect(page.locator('.bubble').allInnerTexts()).resolves.toEqual(['What is the background color?']),
    );
    await eventuallyPasses(() => expect(page.locator('.question img').count()).resolves.toBe(1));

    await page.locator('.question').hover();
    await page.getByRole('button', { name: 'Delete question and answer' }).click();
    await page.locator('#welcome:not([hidden])').waitFor();
    await page.reload();
    await eventuallyPasses(() => expect(page.locator('.question').count()).resolves.toBe(0));
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
    await eventuallyPasses(() =>
      expect(page.locator('.chat').allInnerTexts()).resolves.toEqual(['Greetings']),
    );
    await page.getByRole('button', { name: 'Delete chat: Greetings' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.chat', { hasText: 'Greetings' }).waitFor();
    await page.goto(address);
    await page.reload();
    await page.locator('#title', { hasText: 'Greetings' }).waitFor();
    await eventuallyPasses(() =>
      expect(page.locator('.bubble').allInnerTexts()).resolves.toEqual(['Hello!']),
    );

    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save chat as Markdown' }).click();
    const file = await (await saving).path();
    expect(readFileSync(file, 'utf8')).toMatch(/^# Greetings\n\n\*\*You\*\*\n\nHello!\n\n\*\*Answer\*\*/);
  });
});
