import DOMPurify from '/libraries/dompurify.js';
import { marked } from '/libraries/marked.js';
import remend from '/libraries/remend.js';

import { element } from './elements.js';

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
};

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** Shows markdown in an element. While it grows, what is still open is closed for the moment. */
export function showMarkdown(target, markdown, growing) {
  const whole = growing ? remend(markdown, { linkMode: 'text-only' }) : markdown;
  const shown = DOMPurify.sanitize(marked.parse(whole, { gfm: true, breaks: true }), allowed);
  for (const wide of shown.querySelectorAll('pre, table')) letScroll(wide);
  target.replaceChildren(shown);
}

/** What is wider than the page scrolls by itself, with the keyboard too. */
function letScroll(wide) {
  const frame = element('div', { className: 'wide', tabindex: '0' });
  wide.replaceWith(frame);
  frame.append(wide);
}
