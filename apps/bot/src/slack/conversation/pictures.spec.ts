import { awaitsPreview, mayShowPicture, picturesIn } from './pictures.js';
import { slackMessage } from './slack-message.js';

const message = (content: Readonly<Record<string, unknown>>) => slackMessage.parse({ ts: '1.0', ...content });

/** What each picture of a message is, in short. */
const seen = (content: Readonly<Record<string, unknown>>) =>
  picturesIn(message(content)).map((picture) =>
    picture.kind === 'file' ? [picture.origin, picture.file.id] : [picture.origin, picture.url],
  );

const image = (url: string) => ({ type: 'image', image_url: url });
const nested = (depth: number): object =>
  depth === 0 ? image('https://example.com/deep') : { type: 'section', accessory: nested(depth - 1) };

describe('the pictures of a message on Slack', () => {
  it('are its files, its blocks, what was shared into it, and links to pictures, in this order', () => {
    const content = {
      text: 'See <https://example.com/typed.png>',
      files: [{ id: 'F1' }],
      blocks: [image('https://example.com/block')],
      attachments: [
        { files: [{ id: 'F2' }], blocks: [image('https://example.com/shared')] },
        { image_url: 'https://example.com/preview', thumb_url: 'https://example.com/small' },
        { thumb_url: 'https://example.com/thumb' },
      ],
    };
    expect(seen(content)).toEqual([
      ['attachment', 'F1'],
      ['embed', 'https://example.com/block'],
      ['forwarded', 'F2'],
      ['embed', 'https://example.com/shared'],
      ['embed', 'https://example.com/preview'],
      ['embed', 'https://example.com/thumb'],
      ['link', 'https://example.com/typed.png'],
    ]);
  });

  it('come once, however often they are shown', () => {
    const twice = {
      files: [{ id: 'F1' }, { id: 'F1' }],
      blocks: [{ type: 'image', slack_file: { id: 'F1' } }],
    };
    expect(seen(twice)).toEqual([['attachment', 'F1']]);
  });

  it.each([
    ['by id', { type: 'image', slack_file: { id: 'F7' } }],
    [
      'by its own address',
      { type: 'image', slack_file: { url: 'https://files.slack.com/files-pri/T1-F7/a.png' } },
    ],
    ['by its permalink', { type: 'image', slack_file: { url: 'https://zoo.slack.com/files/U1/F7/a.png' } }],
    ['deep in other blocks', { type: 'actions', elements: [{ type: 'x', slack_file: { id: 'F7' } }] }],
  ])('may be files that blocks name %s', (_how, block) => {
    expect(seen({ blocks: [block] })).toEqual([['embed', 'F7']]);
  });

  it('are of a video its thumbnail, and of nothing else', () => {
    const thumbnail_url = 'https://example.com/frame';
    expect(seen({ blocks: [{ type: 'video', thumbnail_url }] })).toEqual([['embed', thumbnail_url]]);
    expect(seen({ blocks: [{ type: 'section', thumbnail_url }] })).toEqual([]);
  });

  it('are the small ones in a line of text only when there is nothing else', () => {
    const line = { type: 'context', elements: [image('https://example.com/avatar')] };
    expect(seen({ blocks: [line] })).toEqual([['embed', 'https://example.com/avatar']]);
    expect(seen({ blocks: [line, image('https://example.com/chart')] })).toEqual([
      ['embed', 'https://example.com/chart'],
    ]);
  });

  it('are looked for to a depth that no message of Slack has, and are so many', () => {
    expect(seen({ blocks: [nested(8)] })).toHaveLength(1);
    expect(seen({ blocks: [nested(9)] })).toEqual([]);
    const many = Array.from({ length: 30 }, (_, n) => image(`https://example.com/${n}`));
    expect(seen({ blocks: many })).toHaveLength(20);
  });

  it('are not links that have a preview already, or that lead into Slack', () => {
    const text = '<https://example.com/a.png> <https://zoo.slack.com/files/U1/F7/b.png>';
    expect(seen({ text })).toEqual([['link', 'https://example.com/a.png']]);
    expect(seen({ text, attachments: [{ from_url: 'https://example.com/a.png' }] })).toEqual([]);
  });
});

describe('a message on Slack', () => {
  it.each([
    ['a picture', { files: [{ id: 'F1', mimetype: 'image/png' }] }, true],
    ['a file of which nothing is told', { files: [{ id: 'F1' }] }, true],
    ['a document', { files: [{ id: 'F1', mimetype: 'application/pdf' }] }, false],
    ['a document and a picture', { files: [{ id: 'F1', mimetype: 'text/css' }, { id: 'F2' }] }, true],
    ['a preview', { attachments: [{ image_url: 'https://example.com/a' }] }, true],
    ['a block', { blocks: [image('https://example.com/a')] }, true],
    [
      'a block of another app',
      { attachments: [{ blocks: [{ type: 'image', slack_file: { id: 'F1' } }] }] },
      true,
    ],
    ['blocks of words', { blocks: [{ type: 'divider' }] }, false],
    ['nothing', {}, false],
  ])('with %s may show a picture or not', (_what, content, may) => {
    expect(mayShowPicture(message(content))).toBe(may);
  });

  it.each([
    ['a link', { text: 'See <https://example.com/page>' }, true],
    ['a link into Slack', { text: '<https://zoo.slack.com/archives/C1/p1>' }, false],
    ['a link into Slack and another', { text: '<https://zoo.slack.com/a> <https://example.com>' }, true],
    [
      'a link that has its preview',
      { text: '<https://example.com>', attachments: [{ title: 'Home' }] },
      false,
    ],
    ['words', { text: 'Hello.' }, false],
  ])('with %s gets a preview yet or not', (_what, content, awaits) => {
    expect(awaitsPreview(message(content))).toBe(awaits);
  });
});
