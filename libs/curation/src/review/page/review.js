import { pairsIn, progressOf, stateOf } from './pair-list.js';

const byId = (id) => document.getElementById(id);
const caption = byId('caption');

const pairs = await (await fetch('/pairs')).json();
let list = 'open';
let shown = pairsIn(list, pairs);
let place = 0;

function show() {
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
  byId('picture').src = `/images/${encodeURIComponent(pair.id)}`;
  byId('picture').alt = `Picture ${pair.file}`;
  byId('place').textContent = `${place + 1} of ${shown.length}`;
  byId('file').textContent = pair.file;
  byId('state').textContent = stateOf(pair);
  byId('state').dataset.decision = pair.review?.decision ?? '';
  byId('description').textContent = pair.description;
  byId('answer').textContent = pair.answer ?? '—';
  byId('previous').disabled = place === 0;
  byId('next').disabled = place === shown.length - 1;
  caption.value = pair.review?.caption ?? pair.caption;
}

function showProgress() {
  const { done, total, text } = progressOf(pairs);
  byId('progress').textContent = text;
  byId('bar').max = Math.max(total, 1);
  byId('bar').value = done;
}

/** Says something to people who use a screen reader. */
function announce(text) {
  byId('announcer').textContent = text;
}

function fail(text) {
  byId('failure').textContent = text;
  byId('failure').hidden = text === '';
}

/** Sends a request; what goes wrong is said on the page. */
async function ask(path, options) {
  try {
    const response = await fetch(path, options);
    fail(response.ok ? '' : await response.text());
    return response.ok;
  } catch {
    fail('The review server does not answer. Is the command still running? Nothing that was saved is lost.');
    return false;
  }
}

async function decide(decision) {
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

function go(steps) {
  const target = place + steps;
  if (target < 0 || target >= shown.length) return;
  place = target;
  show();
  announce(`${place + 1} of ${shown.length}: ${shown[place].file}. ${stateOf(shown[place])}.`);
}

function edit() {
  caption.focus();
  caption.setSelectionRange(caption.value.length, caption.value.length);
}

async function finish() {
  if (!(await ask('/finish', { method: 'POST' }))) return;
  byId('pair').hidden = true;
  byId('nothing').hidden = false;
  byId('finish').disabled = true;
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

byId('list').addEventListener('change', (event) => {
  list = event.target.value;
  shown = pairsIn(list, pairs);
  place = 0;
  show();
});

const keys = {
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
  const isTypedElsewhere = event.target instanceof HTMLSelectElement;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || isTypedElsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
});

show();
