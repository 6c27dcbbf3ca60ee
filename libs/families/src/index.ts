export { type ArchitectureHints, architectureHints } from './architecture-hints.js';
export { families, familyNamed, recogniseFamily } from './families.js';
export type { Family, GenerationDefaults, PublishedModel, PublishedPart } from './family.js';
export { miniGpt4 } from './minigpt-4.js';
