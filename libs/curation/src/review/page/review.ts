import { announce, byId } from '/shared/elements.js';

import { isList, type List, pairsIn, progressOf, type ShownPair, stateOf } from './pair-list.js';

const caption = byId('caption', HTMLTextAreaElement);
const picture = byId('picture', HTMLImageElement);
const bar = byId('bar', HTMLProgressElement);

const pairs: ShownPair[] = await (await fetch('/pairs')).json();
let list: List = 'open';
let shown = pairsIn(list, pairs);
let place = 0;

function show(): void {
  const pair = shown[place];
  byId('pair').hidden = pair === undefined;
  byId('nothing').hidden = pair !== undefined;
  showProgress();
  if (!pair) {
    byId('nothing-left').textContent =
      list === 'open'
        ? 'Every pair is reviewed. Press Finish to write the result.'
        : 'There is no such pair.';
    return;
  }
  picture.src = `/images/${encodeURIComponent(pair.id)}`;
  picture.alt = `Picture ${pair.file}`;
  byId('place').textContent = `${place + 1} of ${shown.length}`;
  byId('file').textContent = pair.file;
  byId('state').textContent = stateOf(pair);
  byId('state').dataset.decision = pair.review?.decision ?? '';
  byId('description').textContent = pair.description ?? '—';
  byId('answer').textContent = pair.answer ?? '—';
  byId('previous', HTMLButtonElement).disabled = place === 0;
  byId('next', HTMLButtonElement).disabled = place === shown.length - 1;
  caption.value = pair.review?.caption ?? pair.caption;
}

function showProgress(): void {
  const { done, total, text } = progressOf(pairs);
  byId('progress').textContent = text;
  bar.max = Math.max(total, 1);
  bar.value = done;
}

function fail(text: string): void {
  byId('failure').textContent = text;
  byId('failure').hidden = text === '';
}

/** Sends a request; what goes wrong is said on the page. */
async function ask(path: string, options: RequestInit): Promise<boolean> {
  try {
    const response = await fetch(path, options);
    fail(response.ok ? '' : await response.text());
    return response.ok;
  } catch {
    fail('The review server does not answer. Is the command still running? Nothing that was saved is lost.');
    return false;
  }
}

async function decide(decision: 'keep' | 'reject'): Promise<void> {
  const pair = shown[place];
  if (!pair) return;
  if (decision === 'keep' && caption.value.trim() === '') {
    fail('There is no description to keep. Write one, or reject the pair.');
    return;
  }
  const text = decision === 'keep' ? caption.value.trim() : pair.caption;
  const body = JSON.stringify({ decision, caption: text });
  if (!(await ask(`/pairs/${encodeURIComponent(pair.id)}`, { method: 'PUT', body }))) return;
  pair.review = { decision, caption: text };
  caption.blur();
  if (list === 'open') shown = pairsIn(list, pairs);
  else place = Math.min(place + 1, shown.length - 1);
  show();
  const next = shown[place];
  announce(`${stateOf(pair)}. ${next && next !== pair ? `Next: ${next.file}.` : 'That was the last.'}`);
}

function go(steps: number): void {
  const target = shown[place + steps];
  if (!target) return;
  place += steps;
  show();
  announce(`${place + 1} of ${shown.length}: ${target.file}. ${stateOf(target)}.`);
}

function edit(): void {
  caption.focus();
  caption.setSelectionRange(caption.value.length, caption.value.length);
}

async function finish(): Promise<void> {
  if (!(await ask('/finish', { method: 'POST' }))) return;
  byId('pair').hidden = true;
  byId('nothing').hidden = false;
  byId('finish', HTMLButtonElement).disabled = true;
  byId('nothing-left').textContent = 'Finished. The result is written; you can close this page.';
}

const actions = {
  keep: () => decide('keep'),
  reject: () => decide('reject'),
  edit,
  previous: () => go(-1),
  next: () => go(1),
  finish,
};
for (const [id, action] of Object.entries(actions)) byId(id).addEventListener('click', action);

const choice = byId('list', HTMLSelectElement);
choice.addEventListener('change', () => {
  if (!isList(choice.value)) return;
  list = choice.value;
  shown = pairsIn(list, pairs);
  place = 0;
  show();
});

const keys: Readonly<Record<string, () => void>> = {
  k: actions.keep,
  r: actions.reject,
  e: actions.edit,
  ArrowLeft: actions.previous,
  ArrowRight: actions.next,
};

document.addEventListener('keydown', (event) => {
  if (event.target === caption) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) actions.keep();
    else if (event.key === 'Escape') {
      caption.blur();
      show();
    }
    return;
  }
  const isTypedElsewhere = event.target === choice;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || isTypedElsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
});

show();
