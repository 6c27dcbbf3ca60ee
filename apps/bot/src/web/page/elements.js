/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element. Attributes that are functions are event listeners; undefined ones are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (name === 'className') made.className = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** One of the symbols of icons.svg. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Says something to people who use a screen reader. */
export function announce(text) {
  byId('announcer').textContent = text;
}

/** Copies text, also where the clipboard interface is missing because the page is not served over https. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = element('textarea', { className: 'visually-hidden' });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
