import { readFileSync } from 'node:fs';

import type { Page } from 'playwright-core';
import sharp from 'sharp';

import { eventuallyPasses } from '../support/eventually.js';
import { describeWebPage, drawing } from './driven-page.js';
import { giveFiles, givePicture, recordLengths, stopAtFirstWords } from './page-scripts.js';

const base64 = (name: string) => readFileSync(drawing(name), 'base64');

await describeWebPage('the web page, in a browser, on the embedded model', (driven) => {
  const { answers, ask, choose, lastAnswer } = driven;
  let page: Page;
  beforeEach(() => {
    page = driven.page;
  });

  it('answers a question about a picture that was dropped, and a second one about the same picture', async () => {
    await page.evaluate(givePicture('drop', base64('0000'), 'bat.png'));
    await page.locator('#pictures .ready').waitFor();

    await expect(ask('What is this?')).resolves.toBe('It is a bat.');
    await expect(ask('What is the background color?')).resolves.toMatch(/white/);
    await eventuallyPasses(() => expect(page.locator('.question img').count()).resolves.toBe(1));
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
    await eventuallyPasses(() =>
      expect(lastAnswer().locator('.status').innerText()).resolves.toBe('Stopped.'),
    );
    const half = await lastAnswer().locator('.text').innerText();

    await lastAnswer().getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state=done]').waitFor();
    await eventuallyPasses(() => expect(answers().count()).resolves.toBe(1));
    expect((await lastAnswer().locator('.text').innerText()).length).toBeGreaterThan(half.length);
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
    await eventuallyPasses(() => expect(page.locator('.alt-text').innerText()).resolves.toMatch(/bat/));
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

  it('takes as many pictures as the model tells apart, and says so', async () => {
    await choose('0000');
    await page.evaluate(givePicture('paste', base64('0001'), 'oyster.png'));
    await page.getByText('This model looks at one picture at a time.').waitFor();
    await expect(page.locator('#pictures li').count()).resolves.toBe(1);
  });

  it('lists every file that cannot be used', async () => {
    await page.evaluate(giveFiles(['a.txt', 'b.txt']));
    await eventuallyPasses(() =>
      expect(page.locator('#composer-problem li').allInnerTexts()).resolves.toEqual([
        'a.txt: This is not a picture.',
        'b.txt: This is not a picture.',
      ]),
    );
  });

  it('asks about an example at one click, and offers further questions', async () => {
    await page.locator('#examples button').first().click();
    await page.locator('.answer[data-state=done]').waitFor();
    await eventuallyPasses(() =>
      expect(lastAnswer().locator('.text').innerText()).resolves.toBe('It is a fox.'),
    );
    await eventuallyPasses(() =>
      expect(lastAnswer().locator('.measured').innerText()).resolves.toMatch(/^[\d.]+ s · [\d.]+ tokens\/s$/),
    );
    await page.getByRole('button', { name: 'What is the background color?' }).click();
    await answers().nth(1).and(page.locator('[data-state=done]')).waitFor();
    await eventuallyPasses(() => expect(lastAnswer().locator('.text').innerText()).resolves.toMatch(/blue/));
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
    await eventuallyPasses(() => expect(page.evaluate(size)).resolves.toEqual([2_048, 1_536]));
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
    await eventuallyPasses(() =>
      expect(lastAnswer().getByRole('button', { name: 'Try again' }).isDisabled()).resolves.toBe(true),
    );
    await page.clock.runFor(31_000);
    await page.locator('.status', { hasText: 'You can ask again now.' }).waitFor();
    await eventuallyPasses(() =>
      expect(lastAnswer().getByRole('button', { name: 'Try again' }).isEnabled()).resolves.toBe(true),
    );
  });
});
