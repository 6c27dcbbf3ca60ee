/** Jest runs the TypeScript sources as ES modules; `#libs/*` resolves to sources through the "source" condition. */
export default {
  testEnvironment: '<rootDir>/test/jest-environment.cjs',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  // For tests that hang: one that is only slow, on a busy machine, must not fail.
  testTimeout: 300_000,
};
