import 'reflect-metadata';

import { CommandFactory } from 'nest-commander';

import { CliModule } from './cli.module.js';
import { requireShortCommandLine } from './console/arguments.js';
import { reportFailure } from './console/failure.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // the reader of a pipe has seen enough
});

try {
  requireShortCommandLine(process.argv);
  await CommandFactory.run(CliModule, {
    logger: false,
    outputConfiguration: {
      outputError: (problem, write) => write(`${problem.trimEnd()}. Add --help to see how it is done.\n`),
    },
    serviceErrorHandler: async (error) => reportFailure(error),
  });
} catch (error) {
  reportFailure(error);
}
