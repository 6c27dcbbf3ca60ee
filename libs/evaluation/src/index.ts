export { readPictureSets } from './data/read-picture-sets.js';
export { type DescriptionFault, descriptionFaults, faultOf } from './description-fault.js';
export {
  type Answer,
  type Description,
  type EvaluatedPicture,
  type EvaluatedSet,
  type EvaluationOptions,
  evaluate,
} from './evaluate.js';
export { isRight } from './judge-answer.js';
export { evaluationPage } from './page/evaluation-page.js';
export type { ExpectedAnswer, Picture, PictureSet, Question, QuestionKind } from './picture-set.js';
export { type ScoreCell, type ScoreTable, scoreTable } from './score-table.js';
export { type DescriptionScores, failures, type Score, type Scores, scoresOf } from './scores.js';
