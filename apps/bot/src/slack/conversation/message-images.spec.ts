import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { Settings } from '../../config/settings.js';
import { ImageUnavailableError } from '../../contract/index.js';
import { MessageImages } from './message-images.js';
import { slackFile, slackMessage } from './slack-message.js';

const signal = new AbortController().signal;
const address = 'https://files.slack.com/files-pri/T1-F1/a.png';
const png = new Uint8Array([0x89, 0x50]);

const file = (content: object = {}) =>
  slackFile.parse({ id: 'F1', mode: 'hosted', url_private: address, ...content });
const message = (content: object) => slackMessage.parse({ ts: '1.0', ...content });

interface World {
  readonly info?: (id: string) => object;
  readonly fetch?: () => Uint8Array;
  readonly emoji?: readonly string[];
}

function imagesOf({ info = () => ({}), fetch = () => png, emoji = [] }: World = {}) {
  const asked: string[] = [];
  const fetched: unknown[][] = [];
  const errors: string[] = [];
  const show = async ({ file: id }: { file: string }) => {
    asked.push(id);
    return { ok: true, file: { id, ...info(id) } };
  };
  const images = new MessageImages(
    { files: { info: show } } as unknown as WebClient,
    { SLACK_BOT_TOKEN: 'xoxb-1' },
    Settings.parse({}, { slack: { fileHosts: ['files.slack.com'] } }).config,
    {
      fetch: async (...all: unknown[]) => {
        fetched.push(all);
        return fetch();
      },
    } as never,
    { find: async () => emoji } as never,
    { error: (line: string) => errors.push(line) } as never,
  );
  return { images, asked, fetched, errors };
}

const refusedWith = (error: string) => () => {
  throw new WebAPIPlatformError({ ok: false, error });
};

describe('the pictures that a message carries', () => {
  it('are its files, with what Slack says of them, and the links in it', async () => {
    const { images, asked } = imagesOf();
    const found = await images.find(
      message({
        text: '<https://a.example/b.png>',
        files: [{ id: 'F1', mode: 'hosted', name: 'a.png', mimetype: 'image/png', size: 7 }],
      }),
    );
    expect(found).toMatchObject([
      { name: 'a.png', origin: 'attachment', contentType: 'image/png', bytes: 7, key: 'slack:F1' },
      { name: 'https://a.example/b.png', origin: 'link' },
    ]);
    expect(found[1]).not.toHaveProperty('key');
    expect(asked).toEqual([]);
  });

  it('are named by their id, and say no more, where Slack does not', () => {
    const reference = imagesOf().images.referTo(file(), 'attachment');
    expect(reference.name).toBe('F1');
    expect(reference).not.toHaveProperty('contentType');
    expect(reference).not.toHaveProperty('bytes');
  });

  it('are emoji where there is nothing else to see', async () => {
    const { images } = imagesOf({ emoji: ['https://emoji.example/bat.png'] });
    const url = 'https://emoji.example/bat.png';
    await expect(images.find(message({ text: ':bat:' }))).resolves.toMatchObject([
      { name: url, origin: 'embed', key: `slack:emoji:${url}` },
    ]);
    await expect(images.findForPrompt(message({}))).resolves.toEqual([{ kind: 'link', url }]);
    const [only] = await images.find(message({ files: [{ id: 'F1', mode: 'hosted' }] }));
    expect(only).toMatchObject({ key: 'slack:F1' });
  });

  it('are kept for later as files that the asker saw, and as links', async () => {
    const files = [
      { id: 'F1', mode: 'hosted', name: 'a.png' },
      { id: 'F2', mode: 'hosted' },
    ];
    const kept = await imagesOf().images.findForPrompt(message({ text: '<https://a.example/b.png>', files }));
    expect(kept).toEqual([
      { kind: 'file', file: 'F1', name: 'a.png', shown: true },
      { kind: 'file', file: 'F2', name: 'F2', shown: true },
      { kind: 'link', url: 'https://a.example/b.png' },
    ]);
  });

  it.each([
    ['asks Slack to be asked', { id: 'F1', mode: 'file_access', file_access: 'check_file_info' }, ['F1']],
    ['is an id alone', { id: 'F1' }, ['F1']],
    ['has a mode', { id: 'F1', mode: 'hosted' }, []],
    ['has an address', { id: 'F1', url_private: address }, []],
  ])('are asked for where a file %s', async (_what, content, asked) => {
    const world = imagesOf({ info: () => ({ name: 'full.png', mode: 'hosted' }) });
    const [found] = await world.images.find(message({ files: [content] }));
    expect(world.asked).toEqual(asked);
    expect(found?.name).toBe(asked.length > 0 ? 'full.png' : 'F1');
  });

  it('stay as they are where Slack does not show more', async () => {
    const { images } = imagesOf({ info: refusedWith('file_not_found') });
    await expect(images.find(message({ files: [{ id: 'F1', name: 'a.png' }] }))).resolves.toMatchObject([
      { name: 'a.png' },
    ]);
  });
});

describe('a file by its link', () => {
  const viewer = { user: 'U1', channel: 'C1' };
  it.each<[string, object, boolean]>([
    ['that is public', { is_public: true }, true],
    ['of their own', { user: 'U1' }, true],
    ['shared in their channel', { channels: ['C2', 'C1'] }, true],
    ['shared in their private channel', { groups: ['C1'] }, true],
    ['shared in their direct messages', { ims: ['C1'] }, true],
    [
      'of another channel',
      { user: 'U2', is_public: false, channels: ['C2'], groups: ['C3'], ims: ['D1'] },
      false,
    ],
    ['of which nothing is said', {}, false],
  ])('%s is shown: %3$s', async (_which, content, isShown) => {
    const shown = imagesOf({ info: () => content }).images.findFile('F1', viewer);
    if (isShown) await expect(shown).resolves.toMatchObject({ id: 'F1' });
    else await expect(shown).rejects.toMatchObject({ problem: 'no-access' });
  });

  it.each([
    ['file_not_found', 'gone'],
    ['not_authed', 'no-access'],
  ])('that Slack answers with %s is %s', async (code, problem) => {
    const shown = imagesOf({ info: refusedWith(code) }).images.findFile('F1', viewer);
    await expect(shown).rejects.toMatchObject({ problem });
  });

  it('that the asker saw is shown again, wherever it was shared; any other only where they may', async () => {
    const world = imagesOf({ info: () => ({ mode: 'hosted', url_private: address }) });
    const image = { kind: 'file', file: 'F1', name: 'a.png' } as const;
    const seen = world.images.referToPrompt({ ...image, shown: true }, viewer);
    expect(seen).toMatchObject({ name: 'a.png', origin: 'attachment', key: 'slack:F1' });
    await expect(seen.load(signal)).resolves.toBe(png);
    await expect(world.images.referToPrompt(image, viewer).load(signal)).rejects.toMatchObject({
      problem: 'no-access',
    });
    const link = world.images.referToPrompt({ kind: 'link', url: 'https://a.example/' }, viewer);
    expect(link).toMatchObject({ name: 'https://a.example/', origin: 'link' });
  });
});

describe('a file of Slack', () => {
  const load = (content: object, world: World = {}) => {
    const made = imagesOf(world);
    return { ...made, bytes: made.images.referTo(file(content), 'attachment').load(signal) };
  };

  it('is fetched with the token, from the hosts of Slack alone', async () => {
    const { bytes, fetched } = load({ url_private_download: `${address}?download` });
    await expect(bytes).resolves.toBe(png);
    expect(fetched).toEqual([
      [`${address}?download`, { signal, hosts: ['files.slack.com'], authorization: 'Bearer xoxb-1' }],
    ]);
  });

  it('is fetched at its other address where it has no download', async () => {
    const { bytes, fetched } = load({});
    await bytes;
    expect(fetched[0]?.[0]).toBe(address);
  });

  it('is asked for first where it is incomplete', async () => {
    const info = () => ({ mode: 'hosted', url_private: `${address}?full` });
    const { bytes, fetched, asked } = load({ file_access: 'check_file_info' }, { info });
    await bytes;
    expect([asked, fetched[0]?.[0]]).toEqual([['F1'], `${address}?full`]);
  });

  it.each<[string, object, string]>([
    ['deleted', { mode: 'tombstone' }, 'gone'],
    ['hidden by the plan', { mode: 'hidden_by_limit' }, 'hidden-by-plan'],
    ['without an address', { url_private: undefined }, 'no-access'],
    ['kept elsewhere', { url_private: 'https://drive.example/a.png' }, 'address-not-allowed'],
    ['at no address', { url_private: 'nowhere' }, 'address-not-allowed'],
  ])('that is %s is not fetched', async (_what, content, problem) => {
    const { bytes, fetched } = load(content);
    await expect(bytes).rejects.toMatchObject({ problem });
    expect(fetched).toEqual([]);
  });

  const page = (text: string) => ({ fetch: () => new TextEncoder().encode(text) });
  it.each([' \n<!DOCTYPE HTML><title>', '<html lang="en">'])(
    'that is a page of login, %j, says which scope is missing',
    async (text) => {
      const { bytes, errors } = load({}, page(text));
      await expect(bytes).rejects.toMatchObject({ problem: 'no-access' });
      expect(errors).toEqual([expect.stringContaining('Give the app the scope files:read')]);
    },
  );

  it('that only speaks of pages further on is a file', async () => {
    const { bytes, errors } = load({}, page(`${' '.repeat(255)}<html>`));
    await expect(bytes).resolves.toHaveLength(261);
    expect(errors).toEqual([]);
  });

  it('that leads elsewhere is a page of login too; other failures are what they are', async () => {
    const fails = (problem: ConstructorParameters<typeof ImageUnavailableError>[0]) => ({
      fetch: () => {
        throw new ImageUnavailableError(problem, 'x');
      },
    });
    const elsewhere = load({}, fails('address-not-allowed'));
    await expect(elsewhere.bytes).rejects.toMatchObject({ problem: 'no-access' });
    expect(elsewhere.errors).toHaveLength(1);
    const slow = load({}, fails('too-slow' as never));
    await expect(slow.bytes).rejects.toMatchObject({ problem: 'too-slow' });
    expect(slow.errors).toEqual([]);
  });
});
