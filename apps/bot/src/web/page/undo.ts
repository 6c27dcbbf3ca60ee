import { announce, byId } from '/shared/elements.js';

import { element } from './elements.js';
import { words } from './settings.js';

const offeredMs = 10_000;
let closing: number | undefined;

/** Says what was done, and offers for a while to take it back. */
export function offerUndo(sentence: string, undo: () => void): void {
  const toast = byId('undo');
  const close = () => {
    clearTimeout(closing);
    toast.hidden = true;
  };
  const take = () => {
    close();
    undo();
  };
  toast.replaceChildren(
    element('span', {}, sentence),
    element('button', { type: 'button', click: take }, words.undo),
  );
  toast.hidden = false;
  announce(`${sentence} ${words.undo}?`);
  clearTimeout(closing);
  closing = setTimeout(close, offeredMs);
}
