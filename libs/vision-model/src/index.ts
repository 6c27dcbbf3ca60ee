export { askEngine } from './ask-engine.js';
export { askedWithChoices, chosenIn, plainWords } from './choices.js';
export { instructionFor, type Wish } from './instructions.js';
export { type ModelPlace, openModel } from './open-model.js';
export { type Answer, type Question, UnusablePictureError, type VisionModel } from './vision-model.js';
