import type { ChatMessage, ImageReference } from '../contract/index.js';
import { findImages } from './find-images.js';

const limits = { maxPerQuestion: 2, maxBytes: 1_000, maxInPrompt: 4 };

const image = (name: string, more: Partial<ImageReference> = {}): ImageReference => ({
  name,
  origin: 'attachment',
  contentType: 'image/png',
  key: name,
  load: async () => new Uint8Array(),
  ...more,
});

const asked = (...images: ImageReference[]): ChatMessage => ({
  id: 'question',
  author: { kind: 'user', id: 'ada' },
  text: 'What is this?',
  images,
  warnings: [],
});
const answered: ChatMessage = {
  id: 'answer',
  author: { kind: 'bot' },
  text: 'A cat.',
  images: [],
  warnings: [],
};

const namesFound = (messages: ChatMessage[], given = limits) =>
  messages.map(
    (message) =>
      findImages(messages, given)
        .byMessage.get(message)
        ?.map(({ name }) => name) ?? [],
  );

describe('finding the images of a conversation', () => {
  it('takes the images of the question', () => {
    expect(namesFound([asked(image('a.png'), image('b.png'))])).toEqual([['a.png', 'b.png']]);
  });

  it('names the images beyond the limit', () => {
    const found = findImages([asked(image('a.png'), image('b.png'), image('c.png'), image('d.png'))], limits);
    expect(found.warnings).toEqual([{ kind: 'too-many-images', skipped: ['c.png', 'd.png'], limit: 2 }]);
  });

  it('says of each attachment that is no image, or is too large, why it was skipped', () => {
    const notes = image('notes.pdf', { contentType: 'application/pdf' });
    const huge = image('huge.png', { bytes: 1_001 });
    const found = findImages([asked(notes, huge, image('a.png'))], limits);
    expect(found.warnings).toEqual([
      { kind: 'image-skipped', name: 'notes.pdf', problem: 'not-an-image' },
      { kind: 'image-skipped', name: 'huge.png', problem: 'too-large' },
    ]);
    expect([...found.byMessage.values()].flat()).toHaveLength(1);
  });

  it('trusts a name over a vague content type', () => {
    const vague = image('a.png', { contentType: 'application/octet-stream' });
    expect(namesFound([asked(vague)])).toEqual([['a.png']]);
  });

  it('looks once at an image that was found twice', () => {
    const replied = { ...image('a.png'), origin: 'replied-to' as const };
    expect(namesFound([asked(replied), asked(image('a.png'))])).toEqual([[], ['a.png']]);
  });

  it('keeps talking about the image of an earlier question', () => {
    expect(namesFound([asked(image('a.png')), answered, asked()])).toEqual([['a.png'], [], []]);
  });

  it('does not warn again about what was skipped in an earlier question', () => {
    const messages = [
      asked(image('notes.pdf', { contentType: 'application/pdf' })),
      answered,
      asked(image('a.png')),
    ];
    expect(findImages(messages, limits).warnings).toEqual([]);
  });

  it('prefers later images to earlier ones when the model takes no more', () => {
    const messages = [
      asked(image('a.png')),
      answered,
      asked(image('b.png')),
      answered,
      asked(image('c.png')),
    ];
    expect(namesFound(messages, { ...limits, maxInPrompt: 2 })).toEqual([[], [], ['b.png'], [], ['c.png']]);
  });

  it('prefers the latest message of the question, and the first image in it', () => {
    const messages = [asked(image('a.png')), asked(image('b.png'), image('c.png'))];
    const one = { ...limits, maxInPrompt: 1 };
    expect(namesFound(messages, one)).toEqual([[], ['b.png']]);
    expect(findImages(messages, one).warnings).toEqual([
      { kind: 'too-many-images', skipped: ['a.png', 'c.png'], limit: 1 },
    ]);
  });

  it('says that earlier images were left out, as the model would take them for the one asked about', () => {
    const messages = [asked(image('a.png')), answered, asked(image('b.png'))];
    const one = { ...limits, maxInPrompt: 1 };
    expect(namesFound(messages, one)).toEqual([[], [], ['b.png']]);
    expect(findImages(messages, one).warnings).toEqual([{ kind: 'earlier-images-left-out', limit: 1 }]);
    expect(findImages(messages, limits).warnings).toEqual([]);
  });

  it('looks at an image that is shown again where it was shown last', () => {
    const again = [asked(image('a.png')), answered, asked(image('b.png')), answered, asked(image('a.png'))];
    expect(namesFound(again, { ...limits, maxInPrompt: 1 })).toEqual([[], [], [], [], ['a.png']]);
  });

  it('takes the next image where one cannot be used', () => {
    const broken = image('broken.png');
    const message = asked(broken, image('a.png'));
    const found = findImages([message], { ...limits, maxInPrompt: 1 }, new Map([[broken, 'unreadable']]));
    expect(found.byMessage.get(message)?.map(({ name }) => name)).toEqual(['a.png']);
    expect(found.warnings).toEqual([]);
  });

  it('passes on what the adapter could not read', () => {
    const message = { ...asked(image('a.png')), warnings: [{ kind: 'replied-to-unreadable' } as const] };
    expect(findImages([message], limits).warnings).toEqual([{ kind: 'replied-to-unreadable' }]);
  });
});
