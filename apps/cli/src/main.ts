import { requireShortCommandLine } from './console/arguments.js';
import { reportFailure } from './console/failure.js';
import { commandLine } from './program.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // the reader of a pipe has seen enough
});

try {
  requireShortCommandLine(process.argv);
  await commandLine().parseAsync();
} catch (error) {
  await reportFailure(error);
}
