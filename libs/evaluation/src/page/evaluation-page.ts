import { readFile } from 'node:fs/promises';

import { imageAsJpeg } from '#libs/images';

import type { Answer, Description, EvaluatedPicture, EvaluatedSet } from '../evaluate.js';
import { rightAnswer } from '../judge-answer.js';
import type { QuestionKind } from '../picture-set.js';
import { type ScoreCell, type ScoreTable, scoreTable } from '../score-table.js';
import { scoresOf } from '../scores.js';
import { html, Markup } from './markup.js';
import { filterRules, stylesheet } from './stylesheet.js';

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
