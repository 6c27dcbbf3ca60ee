import { byId } from '/shared/elements.js';

import { loadModel } from './server.js';
import { words } from './settings.js';

const lookAgainAfter = 5_000;
const embeddedModel = 'nano';

/**
 * Says which model answers and what it knows, and keeps looking for it while it is away.
 * @param pictures told how many pictures the model tells apart
 */
export async function watchModel(pictures: (atOnce: number) => void): Promise<void> {
  const model = await loadModel();
  byId('model').dataset.state = model ? 'running' : 'away';
  byId('model-name').textContent = model ? model.name : words.model;
  byId('model-description').textContent = model ? model.description : words.modelAway;
  byId('model-facts').textContent = model ? `${model.name} · ${model.quantization} · ${model.device}` : '';
  byId('knows').textContent = model ? model.description : words.modelAway;
  for (const hint of document.querySelectorAll<HTMLElement>('.better-model'))
    hint.hidden = model?.name !== embeddedModel;
  if (model) pictures(model.distinctImages);
  setTimeout(() => watchModel(pictures), lookAgainAfter);
}
