import { availableParallelism } from 'node:os';

// Jest gives tests a copy of the environment, in which libs/onnx-runtime cannot turn off the runtime's telemetry.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Jest runs the TypeScript sources as ES modules; `#libs/*` resolves to sources through the "source" condition. */
export default {
  globalSetup: '<rootDir>/test/jest-global-setup.mjs',
  testSequencer: '<rootDir>/test/slowest-first.cjs',
  setupFiles: ['<rootDir>/test/seed-properties.mjs'],
  testEnvironment: '<rootDir>/test/jest-environment.cjs',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{apps,libs,test,test-servers,tools}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  reporters: ['default', '<rootDir>/test/skipped-tests-reporter.mjs'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  // Jest leaves a core free by itself, which on two is half of them. Servers and browsers run beside each worker.
  maxWorkers: Math.min(availableParallelism(), 4),
  // For tests that hang: one that is only slow, on a busy machine, must not fail.
  testTimeout: 300_000,
};
