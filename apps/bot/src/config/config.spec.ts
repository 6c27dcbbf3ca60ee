import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/start-up';
import { botConfig } from './bot-config.js';
import { configExample } from './config-example.js';
import { configFileOf, parseConfig, readConfigFile } from './config-file.js';
import { parseEnvironment } from './environment.js';
import { reloadConfig } from './reload.js';
import { Settings } from './settings.js';

const exampleFile = join(repositoryRoot, 'bot.config.example.yaml');

describe('bot.config.yaml', () => {
  it('may be absent: everything has a default', () => {
    expect(parseConfig('', 'bot.config.yaml')).toEqual(botConfig.parse({}));
    expect(configFileOf({}).path).toBe(join(repositoryRoot, 'bot.config.yaml'));
  });

  it('has to be there when it is named: on defaults everybody may ask', () => {
    const named = { BOT_CONFIG: '/nowhere/bot.config.yaml' };
    expect(() => readConfigFile(named)).toThrow(expect.objectContaining({ code: 'start-up' }));
    expect(() => readConfigFile(named)).toThrow(/\/nowhere\/bot\.config\.yaml.*BOT_CONFIG.*does not exist/);
  });

  it('wants ids in quotes, and says in which line they are not', () => {
    const text = 'language: en\npermissions:\n  users:\n    allow: [123456789012345678]\n';
    expect(() => parseConfig(text, 'f')).toThrow(
      "line 4, permissions.users.allow.0: Discord's ids have to stand in quotes",
    );
  });

  it.each(['bom.yaml', 'utf16.yaml'])('may be in the encoding of %s', (name) => {
    expect(readConfigFile({ BOT_CONFIG: `test/fixtures/settings/${name}` }).language).toBe('de');
  });

  it('is refused by name where tabs indent it', () => {
    expect(() => readConfigFile({ BOT_CONFIG: 'test/fixtures/settings/tabs.yaml' })).toThrow(
      /tabs\.yaml is no valid YAML: Tabs are not allowed as indentation/,
    );
  });

  it('may be empty, or set a single key', () => {
    expect(parseConfig('', 'f')).toEqual(botConfig.parse({}));
    expect(parseConfig('images: { maxPerQuestion: 2 }', 'f').images).toMatchObject({
      maxPerQuestion: 2,
      timeoutSeconds: 20,
    });
  });

  it.each([
    ['images: { maxPerQuestion: 0 }', 'images.maxPerQuestion'],
    ['imges: {}', 'imges'],
    ['language: fr', 'language'],
    ['limits: { perUser: { questions: many } }', 'limits.perUser.questions'],
    ['- a list', 'the file'],
  ])('is refused with the key that is not right: %s', (text, key) => {
    expect(() => parseConfig(text, 'bot.config.yaml')).toThrow(expect.objectContaining({ code: 'start-up' }));
    expect(() => parseConfig(text, 'bot.config.yaml')).toThrow(key);
  });

  it('is refused with a sentence when it is no YAML', () => {
    expect(() => parseConfig('images: {', 'bot.config.yaml')).toThrow(/bot\.config\.yaml is no valid YAML/);
  });

  it('has an example with every key, its default and what it means (UPDATE_CONFIG_EXAMPLE=1 writes it anew)', () => {
    if (process.env.UPDATE_CONFIG_EXAMPLE === '1') writeFileSync(exampleFile, configExample());
    const example = readFileSync(exampleFile, 'utf8');
    expect(example).toBe(configExample());
    expect(parseConfig(example, exampleFile)).toEqual(botConfig.parse({}));
  });

  it('explains every key', () => {
    const lines = configExample().split('\n');
    const unexplained = lines.filter(
      (line, index) => /^ *(# )?\w+: \S/.test(line) && !lines[index - 1]?.trim().startsWith('#'),
    );
    expect(unexplained).toEqual([]);
  });

  describe('changed while the bot runs', () => {
    let folder: string;
    let settings: Settings;
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    const logger = { log: say, warn: say, error: say };

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'minigpt4-config-'));
      settings = Settings.parse({ BOT_CONFIG: join(folder, 'bot.config.yaml') });
      said.length = 0;
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    const file = () => configFileOf(settings.environment).path;
    const write = (text: string) => writeFileSync(file(), text);

    it('is taken over', () => {
      write('limits: { perUser: { questions: 3 } }');
      reloadConfig(settings, logger);
      expect(settings.config.limits.perUser.questions).toBe(3);
    });

    it('is reported and changes nothing when it is not right', () => {
      write('limits: nonsense');
      reloadConfig(settings, logger);
      expect(settings.config).toEqual(botConfig.parse({}));
      expect(said.join()).toContain('limits');
    });

    it('stays as it was when the file is deleted or renamed, which is said', () => {
      write('permissions: { users: { allow: [ada] } }');
      reloadConfig(settings, logger);
      rmSync(file());
      reloadConfig(settings, logger);
      expect(settings.config.permissions.users.allow).toEqual(['ada']);
      expect(said.at(-1)).toMatch(/is gone\. The earlier settings stay in force\./);
    });

    it('says what waits for a restart', () => {
      write('web: { enabled: false }');
      reloadConfig(settings, logger);
      expect(said.join()).toContain('web take effect after a restart');
    });
  });
});

describe('the environment', () => {
  it('has defaults, also for variables that are empty', () => {
    expect(parseEnvironment({ WEB_PORT: '', DISCORD_TOKEN: '' })).toMatchObject({
      MODEL_SERVER_ADDRESS: '127.0.0.1:50051',
      WEB_PORT: 3_000,
    });
    expect(parseEnvironment({ DISCORD_TOKEN: '' }).DISCORD_TOKEN).toBeUndefined();
  });

  it('names what is not right', () => {
    expect(() => parseEnvironment({ WEB_PORT: 'eighty' })).toThrow(/WEB_PORT/);
    expect(() => parseEnvironment({ REDIS_URL: 'nowhere' })).toThrow(/REDIS_URL/);
  });

  it('is explained in .env.example, variable by variable', () => {
    const example = readFileSync(join(repositoryRoot, '.env.example'), 'utf8');
    // Addresses of the platforms are for tests: people have no use for them.
    const forTests = ['DISCORD_API_URL', 'SLACK_API_URL'];
    for (const name of Object.keys(parseEnvironment({ DISCORD_TOKEN: 't', SLACK_BOT_TOKEN: 't' }))) {
      if (!forTests.includes(name)) expect(example).toContain(`${name}=`);
    }
  });
});
