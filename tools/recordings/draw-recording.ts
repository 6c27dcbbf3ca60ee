import type { RecordedMessage, Recording } from './recording.js';

/** Colours and corners that people know a platform by. */
export interface Look {
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly accent: string;
  readonly mention: string;
  /** Behind messages that only one person sees. */
  readonly aside: string;
  readonly button: string;
  readonly border: string;
  readonly avatarRadius: string;
}

export const discordLook: Look = {
  background: '#313338',
  text: '#dbdee1',
  faint: '#949ba4',
  accent: '#5865f2',
  mention: 'rgb(88 101 242 / 35%)',
  aside: 'rgb(88 101 242 / 12%)',
  button: '#4e5058',
  border: '#3f4147',
  avatarRadius: '50%',
};

export const slackLook: Look = {
  background: '#ffffff',
  text: '#1d1c1d',
  faint: '#616061',
  accent: '#1264a3',
  mention: '#e8f5fa',
  aside: '#f4f4f5',
  button: '#ffffff',
  border: '#dddddd',
  avatarRadius: '6px',
};

const people: Readonly<Record<string, string>> = { Ada: '#d9622b', Ben: '#2f7fb8' };
const botColour = '#0e6e5c';

/** A page that shows a recording, as wide as a picture in a README. */
export function drawRecording({ place, messages }: Recording, look: Look): string {
  return `<!doctype html><meta charset="utf-8"><style>${style(look)}</style>
<main><header>${escaped(place)}</header>${messages.map(drawMessage).join('\n')}</main>`;
}

function drawMessage(message: RecordedMessage): string {
  const { author, isBot, above, lines, pictures, buttons, edits, onlyVisibleTo } = message;
  const colour = isBot ? botColour : (people[author] ?? '#777777');
  const parts = [
    above === undefined ? '' : `<p class="above">${withMentions(above)}</p>`,
    `<div class="avatar" style="background:${colour}">${escaped(author.slice(0, 1).toUpperCase())}</div>`,
    `<p class="author"><b>${escaped(author)}</b>${isBot ? '<span class="app">APP</span>' : ''}</p>`,
    ...lines.map(({ kind, text }) => `<p class="${kind}">${withMentions(text)}</p>`),
    ...pictures.map((bytes) => `<img src="data:image/png;base64,${bytes.toString('base64')}" alt="">`),
    isBot && edits > 0 ? '<p class="edited">(edited)</p>' : '',
    buttons.length === 0
      ? ''
      : `<p class="buttons">${buttons.map((label) => `<span>${escaped(label)}</span>`).join('')}</p>`,
    onlyVisibleTo === undefined ? '' : `<p class="edited">Only visible to ${escaped(onlyVisibleTo)}</p>`,
  ];
  return `<article class="${onlyVisibleTo === undefined ? '' : 'private'}">${parts.join('')}</article>`;
}

function withMentions(text: string): string {
  return escaped(text).replaceAll(/@\w+/g, '<span class="mention">$&</span>');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function style(look: Look): string {
  return `
    * { margin: 0; box-sizing: border-box; }
    body { background: ${look.background}; }
    main {
      width: 860px; padding: 0 28px 26px; color: ${look.text};
      font: 17px/1.45 'Open Sans', 'Noto Sans', system-ui, sans-serif;
    }
    header {
      margin: 0 -28px 18px; padding: 14px 28px; border-bottom: 1px solid ${look.border};
      font-weight: 600; color: ${look.text};
    }
    article { position: relative; padding: 8px 0 8px 60px; min-height: 62px; }
    article.private { margin: 8px -14px 0; padding: 12px 14px 12px 74px; border-radius: 8px; background: ${look.aside}; }
    article.private .avatar { left: 14px; }
    .avatar {
      position: absolute; left: 0; width: 44px; height: 44px; border-radius: ${look.avatarRadius};
      color: white; font-weight: 600; font-size: 20px; line-height: 44px; text-align: center;
    }
    .above {
      margin-bottom: 2px; padding-left: 12px; border-left: 2px solid ${look.faint};
      color: ${look.faint}; font-size: 14px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
    }
    .app {
      margin-left: 8px; padding: 1px 6px; border-radius: 4px; background: ${look.accent};
      color: white; font-size: 11px; font-weight: 600; vertical-align: 2px;
    }
    .mention { padding: 0 3px; border-radius: 4px; background: ${look.mention}; }
    .remark, .edited { color: ${look.faint}; font-size: 14px; }
    .edited { font-size: 12.5px; }
    img { display: block; width: 224px; margin: 8px 0 4px; border-radius: 8px; }
    .buttons { display: flex; gap: 8px; margin-top: 8px; }
    .buttons span {
      padding: 5px 14px; border-radius: 8px; border: 1px solid ${look.border};
      background: ${look.button}; font-size: 14.5px; font-weight: 600;
    }`;
}
