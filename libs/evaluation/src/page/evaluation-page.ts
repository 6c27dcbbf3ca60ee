import { readFile } from 'node:fs/promises';

import { imageAsJpeg } from '#libs/images';

import type { Answer, Description, EvaluatedPicture, EvaluatedSet } from '../evaluate.js';
import { rightAnswer } from '../judge-answer.js';
import type { QuestionKind } from '../picture-set.js';
import { type ScoreCell, type ScoreTable, scoreTable } from '../score-table.js';
import { scoresOf } from '../scores.js';

/** Side of the pictures on the page, in pixels. */
const PICTURE_SIDE = 168;
const JPEG_QUALITY = 80;

/** As much as the engine decodes. */
const MAX_PIXELS = 50_000_000;

/** A page to be looked at, in one file: the scores, and every picture beside what was said about it. */
export async function evaluationPage(modelName: string, sets: readonly EvaluatedSet[]): Promise<string> {
  const { kinds: scores } = scoresOf(sets.flatMap(({ pictures }) => pictures));
  const kinds = Object.keys(scores) as QuestionKind[];
  const sections: Markup[] = [];
  for (const set of sets) sections.push(await setSection(set));
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Evaluation of ${modelName}</title>
<style>${new Markup(stylesheet + filterRules(kinds.map(idOf)))}</style>
<h1>Evaluation of ${modelName}</h1>
${table(scoreTable(sets))}
${filters(kinds)}
${sections}
</html>
`.source;
}

function table({ columns, rows }: ScoreTable): Markup {
  const cellOf = (cell: ScoreCell | undefined) =>
    cell ? html`<td><b>${cell.value}</b> <small>${cell.detail}</small></td>` : html`<td>–</td>`;
  return html`<table>
<thead><tr><td></td>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(({ title, cells }) => html`<tr><th scope="row">${title}</th>${cells.map(cellOf)}</tr>`)}
</tbody>
</table>`;
}

/** Radio buttons and a box that the stylesheet heeds: the page has no script. */
function filters(kinds: readonly QuestionKind[]): Markup {
  const choice = (id: string, title: string, checked: string) =>
    html`<label><input type="radio" name="kind" id="${id}" ${new Markup(checked)}> ${title}</label>`;
  return html`<form>
<fieldset><legend>Show</legend>
${choice('every-kind', 'everything', 'checked')}
${kinds.map((kind) => choice(idOf(kind), kind, ''))}
${choice('description', 'descriptions', '')}
</fieldset>
<label><input type="checkbox" id="only-errors"> only errors</label>
</form>`;
}

async function setSection({ name, pictures }: EvaluatedSet): Promise<Markup> {
  const cards: Markup[] = [];
  for (const picture of pictures) cards.push(await pictureCard(picture));
  return html`<section><h2>${name}</h2>
<div class="cards">
${cards}
</div></section>`;
}

async function pictureCard({ picture, answers, description }: EvaluatedPicture): Promise<Markup> {
  const shows = picture.objects?.join(', ') ?? 'a picture';
  return html`<article>
<img src="${await dataUrl(picture.path)}" alt="${shows}" title="${picture.path}">
<dl>
${answers.map(answerEntry)}
${description ? descriptionEntry(description) : ''}
</dl></article>`;
}

function answerEntry({ question, reply, right }: Answer): Markup {
  const correction = right ? '' : html` <ins>expected: ${rightAnswer(question.expected)}</ins>`;
  return html`<div class="entry ${right ? 'right' : 'wrong'} ${idOf(question.kind)}"><dt>${question.text}</dt><dd>${reply || '(nothing)'}${correction}</dd></div>`;
}

function descriptionEntry({ text, fault, objects }: Description): Markup {
  const invented = objects?.invented ?? [];
  const remarks = [fault ?? [], invented.map((name) => `not in the picture: ${name}`)].flat();
  const correction = remarks.length > 0 ? html` <ins>${remarks.join('; ')}</ins>` : '';
  return html`<div class="entry ${remarks.length > 0 ? 'wrong' : 'right'} description"><dt>Description</dt><dd>${text || '(nothing)'}${correction}</dd></div>`;
}

async function dataUrl(path: string): Promise<string> {
  const jpeg = await imageAsJpeg(await readFile(path), {
    maxPixels: MAX_PIXELS,
    quality: JPEG_QUALITY,
    longestSide: PICTURE_SIDE,
  });
  return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
}

/** A kind's name in HTML. */
function idOf(kind: QuestionKind): string {
  return kind.replace('/', '-');
}

/** HTML that is safe to put into a page. */
class Markup {
  constructor(readonly source: string) {}
}

type Part = string | number | Markup | readonly Markup[];

/** Writes HTML; whatever text is put in is escaped. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(String.raw({ raw: literals }, ...parts.map(sourceOf)));
}

function sourceOf(part: Part): string {
  if (part instanceof Markup) return part.source;
  if (typeof part === 'object') return part.map(({ source }) => source).join('\n');
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const stylesheet = `
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 78rem; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { white-space: nowrap; padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid #8885; }
small, dt { color: GrayText; }
form { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
  margin: 1.5rem 0; padding: .6rem 0; background: Canvas; border-bottom: 1px solid #8885; }
fieldset { display: contents; }
legend { display: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem; }
article { display: flex; gap: .9rem; padding: .8rem; border: 1px solid #8885; border-radius: .5rem;
  content-visibility: auto; contain-intrinsic-size: auto 12rem; }
article img { width: 112px; height: 112px; object-fit: contain; flex: none; }
dl { margin: 0; min-width: 0; }
.entry { margin-bottom: .4rem; padding-left: .6rem; border-left: 3px solid #2a9d55; }
.entry.wrong { border-color: #d33; }
dt { font-size: .85em; }
dd { margin: 0; overflow-wrap: anywhere; }
ins { display: block; text-decoration: none; color: #d33; }
body:has(#only-errors:checked) .right, body:has(#only-errors:checked) :is(article, section):not(:has(.wrong)) { display: none; }
`;

/** Shows entries of one kind only while that kind's button is pressed. */
function filterRules(kinds: readonly string[]): string {
  return [...kinds, 'description']
    .flatMap((kind) => [
      `body:has(#${kind}:checked) :is(.entry:not(.${kind}), :is(article, section):not(:has(.${kind}))) { display: none; }`,
      `body:has(#${kind}:checked):has(#only-errors:checked) :is(article, section):not(:has(.wrong.${kind})) { display: none; }`,
    ])
    .join('\n');
}
