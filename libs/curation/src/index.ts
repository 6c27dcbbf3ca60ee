export { Curation, type Outcome, outcomeOf, type Pair } from './curation.js';
export { listImages, type SourceImage } from './image-folder.js';
export type { CurationSettings } from './journal.js';
export { costOf, estimateRepair, type TokenPrices, type TokenUse } from './repair-cost.js';
export { RepairModel, type RepairSettings } from './repair-model.js';
export { type CurationReport, reportOf, writeResult } from './result.js';
export { type ReviewServer, startReviewServer } from './review/review-server.js';
export { type DropReason, dropReasons, type Mending, mendings } from './rules.js';
export { describeImages, repairDescriptions, undescribed, unrepaired } from './steps.js';
