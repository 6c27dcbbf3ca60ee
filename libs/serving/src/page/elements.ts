/**
 * The element with this id, which is a plain one unless its `kind` is named.
 * @throws Error where the page has no such element
 */
export function byId(id: string): HTMLElement;
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind;
export function byId(id: string, kind: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} with the id "${id}".`);
  return found;
}

/** Says something to people who use a screen reader. */
export function announce(text: string): void {
  byId('announcer').textContent = text;
}
