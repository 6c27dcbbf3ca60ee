import { readSettings } from './settings-file.js';
import { readVariables } from './variables.js';

const fixture = (name: string) => `test/fixtures/settings/${name}`;

const slackVariables = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  MODEL_SERVER_ADDRESS: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
};

describe('.env', () => {
  it('loses no variable to a byte order mark', () => {
    expect(readVariables(fixture('bom.env'))).toMatchObject(slackVariables);
  });

  it('may have the line endings of Windows', () => {
    expect(readVariables(fixture('crlf.env'))).toMatchObject(slackVariables);
  });

  it('is refused by name where an old PowerShell appended to it in another encoding', () => {
    const read = () => readVariables(fixture('appended-utf16.env'));
    expect(read).toThrow(expect.objectContaining({ code: 'start-up' }));
    expect(read).toThrow(
      /appended-utf16\.env is in two encodings: from line 2 on it is UTF-16.* Save the file as UTF-8/,
    );
  });
});

describe('YAML', () => {
  it.each(['bom.yaml', 'utf16.yaml'])('is read from %s', (name) => {
    expect(readSettings(fixture(name))).toBe('language: de\n');
  });
});
