import DOMPurify, { type Config } from '/libraries/dompurify.js';
import { marked } from '/libraries/marked.js';
import remend from '/libraries/remend.js';
import { announce } from '/shared/elements.js';

import { copyText, element } from './elements.js';
import { words } from './settings.js';

// An answer may format text and link somewhere. It may not bring pictures, forms or anything that loads.
const allowed = {
  ALLOWED_TAGS: [
    'a',
    'blockquote',
    'br',
    'code',
    'del',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'li',
    'ol',
    'p',
    'pre',
    'strong',
    'table',
    'tbody',
    'td',
    'th',
    'thead',
    'tr',
    'ul',
  ],
  ALLOWED_ATTR: ['href', 'start'],
  ALLOWED_URI_REGEXP: /^https?:/i,
  RETURN_DOM_FRAGMENT: true,
} satisfies Config;

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** Deeper than anybody writes. Parsers call themselves for each level, until the stack is full. */
const deepest = 20;
const container = /^[ \t]{0,3}(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]?/;

/** True for text whose quotes, lists or emphasis are nested deeper than anybody writes. */
export function isTooDeep(markdown: string): boolean {
  return markdown.split('\n').some((line) => {
    let rest = line;
    let depth = Math.floor((/^[ \t]*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0) / 2);
    while (depth <= deepest && container.test(rest)) {
      rest = rest.replace(container, '');
      depth += 1;
    }
    return depth > deepest || /[[(*_~]{41}/.test(line) || (line.match(/[[*_~]/g) ?? []).length > 400;
  });
}

/** Shows markdown in an element. While it grows, what is still open is closed for the moment. */
export function showMarkdown(target: Element, markdown: string, growing: boolean): void {
  if (isTooDeep(markdown)) {
    target.replaceChildren(element('p', { className: 'plain' }, markdown));
    return;
  }
  const whole = growing ? remend(markdown, { linkMode: 'text-only' }) : markdown;
  const html = marked.parse(whole, { gfm: true, breaks: true, async: false });
  const shown = DOMPurify.sanitize(html, allowed);
  for (const wide of shown.querySelectorAll('pre, table')) letScroll(wide);
  target.replaceChildren(shown);
}

/** What is wider than the page scrolls by itself, with the keyboard too. Code can be copied. */
function letScroll(wide: Element): void {
  const frame = element('div', { className: 'wide', tabindex: '0' });
  wide.replaceWith(frame);
  frame.append(wide);
  if (wide.tagName === 'PRE') frame.before(copyButton(wide));
}

function copyButton(code: Element): HTMLElement {
  const copy = async () => {
    await copyText(code.textContent);
    button.textContent = words.copied;
    announce(words.copied);
  };
  const button = element('button', { type: 'button', className: 'copy-code', click: copy }, words.copyCode);
  return button;
}
