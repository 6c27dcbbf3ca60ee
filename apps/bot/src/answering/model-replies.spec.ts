import { status } from '@grpc/grpc-js';

import { type ImageFault, ModelServerError } from '#libs/client';

import {
  failure,
  finished,
  from,
  image,
  never,
  png,
  question,
  ScriptedChat,
  said,
} from '../../../../test/support/scripted-chat.js';
import { ImageUnavailableError } from '../contract/warning.js';

describe('what the model is asked', () => {
  let scripted: ScriptedChat;
  let model: ScriptedChat['model'];
  let channel: ScriptedChat['channel'];
  const chat = (config: Parameters<ScriptedChat['with']>[0] = {}) => scripted.with(config);

  beforeEach(() => {
    scripted = new ScriptedChat();
    ({ model, channel } = scripted);
  });

  it('rebuilds the conversation, without the bot’s notices and with messages in a row merged', async () => {
    const notice = { ...from('bot', 'The model is busy.'), notice: true };
    const messages = [
      from('user', 'Look.', image('cat.png')),
      from('user', 'What is this?'),
      notice,
      from('bot', 'It is a cat.'),
      from('user', 'What colour?'),
    ];
    await chat().answer(question(messages), channel, never);
    expect(model.prompt).toContain(
      'Human: <Img>(image)</Img> Look. What is this?###Assistant: It is a cat.###Human: What colour?###Assistant: ',
    );
  });

  it('marks an answer that broke off', async () => {
    const half = { ...from('bot', 'It is a'), unfinished: true };
    await chat().answer(
      question([from('user', 'What is this?'), half, from('user', 'Go on.')]),
      channel,
      never,
    );
    expect(model.prompt).toContain('Assistant: It is a...###Human: Go on.###');
  });

  it('asks for a description when a picture comes without words', async () => {
    await chat().answer(question([from('user', '', image('cat.png'))]), channel, never);
    expect(model.prompt).toContain('Describe this image in detail.');
  });

  it('looks at the latest image of the channel only when the conversation has none', async () => {
    const latestImage = async () => image('latest.png');
    await chat().answer(question([from('user', 'What is this?')], { latestImage }), channel, never);
    expect(model.prompt.match(/\(image\)/g)).toHaveLength(1);
    await chat().answer(question([from('user', 'This?', image('own.png'))], { latestImage }), channel, never);
    expect(model.prompt.match(/\(image\)/g)).toHaveLength(1);
  });

  it('fetches a picture once, and then only names it', async () => {
    let fetched = 0;
    const cat = image('cat.png', {
      key: 'discord:1',
      load: async () => {
        fetched += 1;
        return png;
      },
    });
    const bot = chat();
    await bot.answer(question([from('user', 'What is this?', cat)]), channel, never);
    await bot.answer(question([from('user', 'And now?', cat)]), channel, never);
    expect(fetched).toBe(1);
  });

  it('says when the beginning of a conversation no longer fits', async () => {
    const messages = Array.from({ length: 8 }, (_, turn) =>
      from(turn % 2 === 0 ? 'user' : 'bot', `${turn} ${'word '.repeat(100)}`),
    );
    await chat().answer(question([...messages, from('user', 'And?')]), channel, never);
    expect(channel.last?.notes).toEqual([
      'The beginning of this conversation no longer fits and was left out.',
      'No picture was looked at for this answer.',
    ]);
  });

  it('samples afresh when asked again', async () => {
    await chat().answer(question([from('user', 'Hello!')], { again: true }), channel, never);
    expect(model.requests[0]?.sampling?.temperature).toBeGreaterThan(0);
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(model.requests[1]?.sampling).toBeUndefined();
  });
});

describe('a model that says nothing', () => {
  let scripted: ScriptedChat;

  beforeEach(() => {
    scripted = new ScriptedChat();
  });

  it('is asked once more, sampled, and what it says then is the answer', async () => {
    scripted.model.receive = async ({ sampling }) => {
      const nothing = (sampling?.temperature ?? 0) === 0;
      scripted.model.events = [said(nothing ? ' \n ' : 'It is a cat.'), finished()];
    };
    const outcome = await scripted.with().answer(question([from('user', 'Hello!')]), scripted.channel, never);
    expect(outcome).toEqual({ kind: 'answered', text: 'It is a cat.' });
    expect(scripted.channel.last).toMatchObject({ state: 'done', text: 'It is a cat.' });
    expect(scripted.model.requests).toHaveLength(2);
  });

  it.each([[[finished()]], [[said(' '), said('\n'), finished()]]])(
    'is a sentence when it says nothing again',
    async (events) => {
      scripted.model.events = events;
      await scripted.with().answer(question([from('user', 'Hello!')]), scripted.channel, never);
      expect(scripted.channel.last).toMatchObject({
        state: 'failed',
        text: '',
        status: 'The model found nothing to say, twice. Please ask in other words.',
        actions: ['regenerate'],
      });
      expect(scripted.model.requests).toHaveLength(2);
    },
  );
});

describe('an answer for which no picture was looked at', () => {
  const blind = 'No picture was looked at for this answer.';
  let scripted: ScriptedChat;

  beforeEach(() => {
    scripted = new ScriptedChat();
  });

  const ask = async (...messages: ReturnType<typeof from>[]) => {
    await scripted.with().answer(question(messages), scripted.channel, never);
    return scripted.channel.last;
  };
  const file = (name: string, contentType: string) => image(name, { contentType });
  const gone = image('gone.png', {
    load: () => Promise.reject(new ImageUnavailableError('gone', 'Deleted.')),
  });

  it('says so, and the model is promised no picture', async () => {
    await expect(ask(from('user', 'What is this?'))).resolves.toMatchObject({
      state: 'done',
      notes: [blind],
    });
    expect(scripted.model.prompt).not.toMatch(/img|image/i);
  });

  it('says so in the asker’s language', async () => {
    for (const [locale, sentence] of [
      ['de-DE', 'Für diese Antwort wurde kein Bild angesehen.'],
      ['zh-CN', '这个回答没有看任何图片。'],
    ] as const) {
      const asked = question([from('user', 'What is this?')], { locale });
      await scripted.with().answer(asked, scripted.channel, never);
      expect(scripted.channel.last?.notes).toEqual([sentence]);
    }
  });

  it('says nothing of it where a picture was looked at, also an earlier one', async () => {
    const followUp = [
      from('user', 'This?', image('cat.png')),
      from('bot', 'A cat.'),
      from('user', 'And now?'),
    ];
    await expect(ask(...followUp)).resolves.toMatchObject({ notes: [] });
  });

  it('says nothing of it after a greeting or thanks, but after a question and a greeting', async () => {
    await expect(ask(from('user', 'Hello!'))).resolves.toMatchObject({ notes: [] });
    await expect(ask(from('user', 'What is this?'), from('user', 'Hello?'))).resolves.toMatchObject({
      notes: [blind],
    });
  });

  it('says nothing of it where there is no answer', async () => {
    scripted.model.events = [failure('UNAVAILABLE')];
    await expect(ask(from('user', 'What is this?'))).resolves.toMatchObject({ state: 'failed', notes: [] });
  });

  it.each([
    ['a file that is no picture', file('notes.pdf', 'application/pdf'), 'notes.pdf: this is not a picture.'],
    ['a picture that was deleted', gone, 'gone.png: it is not there any more.'],
  ])('is given in a thread that begins with %s', async (_what, root, sentence) => {
    const answer = await ask(from('user', 'Please read.', root), from('user', 'Is a hedgehog a mammal?'));
    expect(answer).toMatchObject({ state: 'done', text: 'It is a cat.', notes: [sentence, blind] });
  });

  it('is not given to a question that came with such a file itself', async () => {
    const answer = await ask(from('user', 'What is this?', file('notes.pdf', 'application/pdf')));
    expect(answer).toMatchObject({ state: 'failed', status: 'notes.pdf: this is not a picture.' });
  });

  it('is not needed where the channel has a picture, in spite of a file that is none', async () => {
    const messages = [
      from('user', 'Read.', file('notes.pdf', 'application/pdf')),
      from('user', 'What is this?'),
    ];
    const asked = question(messages, { latestImage: async () => image('latest.png') });
    await scripted.with().answer(asked, scripted.channel, never);
    expect(scripted.model.prompt).toContain('(image)');
    expect(scripted.channel.last?.notes).toEqual(['notes.pdf: this is not a picture.']);
  });
});

describe('pictures that cannot be used', () => {
  let scripted: ScriptedChat;
  let model: ScriptedChat['model'];
  let channel: ScriptedChat['channel'];
  const chat = () => scripted.with();

  beforeEach(() => {
    scripted = new ScriptedChat();
    ({ model, channel } = scripted);
  });

  const damaged: ImageFault = { code: 'damaged', format: 'png' };

  /** A picture whose bytes nobody else has. */
  const picture = (name: string) =>
    image(name, { load: async () => Buffer.concat([png, Buffer.from(name)]) });

  /** The model server refuses these pictures, as its decoder does: one at a time, and before the first word. */
  function refuse(faults: Readonly<Record<string, ImageFault>>): void {
    model.receive = async ({ segments }) => {
      for (const [index, segment] of segments.entries()) {
        if (segment.kind === 'text') continue;
        const name = Buffer.from(await segment.image.load())
          .subarray(png.length)
          .toString();
        const fault = faults[name];
        if (!fault) continue;
        const violations = [{ field: `segments[${index}].image.data`, description: 'In English.' }];
        throw new ModelServerError(
          'In English.',
          'INVALID_IMAGE',
          status.INVALID_ARGUMENT,
          violations,
          undefined,
          {},
          fault,
        );
      }
    };
  }

  it('says beside the answer which pictures it could not use, and why', async () => {
    const gone = image('gone.png', {
      load: () => Promise.reject(new ImageUnavailableError('gone', 'Deleted.')),
    });
    const text = image('text.png', { load: async () => Buffer.from('just text') });
    const messages = [from('user', 'What is this?', gone, text, image('cat.png'))];
    await chat().answer(question(messages), channel, never);
    expect(channel.last?.text).toBe('It is a cat.');
    expect(channel.last?.notes).toEqual([
      'gone.png: it is not there any more.',
      'text.png: this is not a picture.',
    ]);
  });

  it('are left out when the model server finds them broken, each with a sentence, and the others are looked at', async () => {
    refuse({
      'cut.png': damaged,
      'huge.png': { code: 'too-many-pixels', width: 9, height: 8, most: 4 },
    });
    const earlier = [from('user', 'Look.', picture('cut.png')), from('bot', 'I see.')];
    const asked = from('user', 'What are these?', picture('cat.png'), picture('huge.png'));
    await chat().answer(question([...earlier, asked]), channel, never);
    expect(channel.last).toMatchObject({
      state: 'done',
      text: 'It is a cat.',
      notes: ['cut.png: the file is damaged.', 'huge.png: the picture is too large, with 9 × 8 pixels.'],
    });
    expect(model.prompt).toContain(
      'Human: Look.###Assistant: I see.###Human: <Img>(image)</Img> What are these?',
    );
  });

  it('are left out when the model server no longer has them and they are gone', async () => {
    let isThere = true;
    const load = async () => {
      if (!isThere) throw new ImageUnavailableError('gone', 'Deleted.');
      return png;
    };
    const bot = chat();
    const first = from('user', 'What is this?', image('cat.png', { key: 'discord:1', load }));
    await bot.answer(question([first]), channel, never);
    isThere = false;
    model.receive = async ({ segments }) => {
      for (const segment of segments) if (segment.kind === 'image') await segment.image.load();
    };
    const asked = from('user', 'And this?', picture('dog.png'));
    await bot.answer(question([first, from('bot', 'It is a cat.'), asked]), channel, never);
    expect(channel.last).toMatchObject({ state: 'done', notes: ['cat.png: it is not there any more.'] });
    expect(model.prompt.match(/\(image\)/g)).toHaveLength(1);
  });

  it.each([
    ['de', 'cut.heic: HEIC-Dateien kann ich nicht lesen. PNG, JPEG, WebP, GIF, AVIF und TIFF gehen.'],
    ['zh', 'cut.heic：我读不了 HEIC 文件。支持 PNG、JPEG、WebP、GIF、AVIF 和 TIFF。'],
  ])(
    'are named in the asker’s language, whatever the model server says of them: %s',
    async (locale, sentence) => {
      refuse({ 'cut.heic': { code: 'unsupported-format', format: 'heic' } });
      const asked = question([from('user', 'What is this?', picture('cut.heic'))], { locale });
      await chat().answer(asked, channel, never);
      expect(channel.last).toMatchObject({ state: 'failed', status: sentence });
    },
  );

  it('are told apart from those that were seen with a remark', async () => {
    model.events = [said('A cat.'), finished({ notices: ['partly-damaged', 'first-frame-only'] })];
    await chat().answer(
      question([from('user', 'What?', image('cat.png'))], { locale: 'de' }),
      channel,
      never,
    );
    expect(channel.last?.notes).toEqual([
      'Die Bilddatei ist beschädigt. Ich habe gesehen, was noch übrig war.',
      'Nur das erste Bild der Animation wurde verwendet.',
    ]);
  });

  it('take the place of the answer when there is nothing else to look at', async () => {
    refuse({ 'cut.png': damaged });
    await chat().answer(question([from('user', 'What is this?', picture('cut.png'))]), channel, never);
    expect(channel.last).toMatchObject({
      state: 'failed',
      text: '',
      status: 'cut.png: the file is damaged.',
      notes: [],
      actions: ['regenerate'],
    });
    expect(scripted.reported).toEqual([]);
  });
});
