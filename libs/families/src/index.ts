export { type ArchitectureHints, architectureHints } from './architecture-hints.js';
export { blip2Opt } from './blip-2-opt.js';
export { describeRelative, families, familyNamed, recogniseFamily } from './families.js';
export {
  type ByteLevelVocabulary,
  type Family,
  type GenerationDefaults,
  type PublishedModel,
  type PublishedPart,
  type TemplateName,
  templateNames,
} from './family.js';
export { instructBlip } from './instruct-blip.js';
export { llava } from './llava.js';
export { miniGpt4 } from './minigpt-4.js';
export { miniGptV2 } from './minigpt-v2.js';
