export { type ArchitectureHints, architectureHints } from './architecture-hints.js';
export { families, familyNamed, recogniseFamily } from './families.js';
export {
  type Family,
  type GenerationDefaults,
  type PublishedModel,
  type PublishedPart,
  type TemplateName,
  templateNames,
} from './family.js';
export { llava } from './llava.js';
export { miniGpt4 } from './minigpt-4.js';
export { miniGptV2 } from './minigpt-v2.js';
