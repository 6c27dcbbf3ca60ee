// npm start: the model server and the bot, with their output side by side; when one ends, so does the other. With the name
// of an app, that one alone. A signal ends what runs in good order, and that counts as success.
//
// package.json starts this by `exec`, since the shell between would keep npm's signals to itself. Where the shell knows no
// `exec`, on Windows, the second half of that line does it.
import { constants } from 'node:os';
import { setSourceMapsEnabled } from 'node:process';
import concurrently from 'concurrently';

import { compile } from './compile.mjs';

const [app] = process.argv.slice(2);
await compile(['apps', 'libs']);
if (app) {
  setSourceMapsEnabled(true);
  await import(`../dist/apps/${app}/src/main.js`);
} else {
  await runBoth();
}

async function runBoth() {
  let isAskedToStop = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      isAskedToStop = true;
    });
  }
  const run = (name) => `node --enable-source-maps dist/apps/${name}/src/main.js`;
  const { result } = concurrently(
    [
      { name: 'model-server', command: run('model-server'), prefixColor: 'cyan' },
      { name: 'bot', command: run('bot'), prefixColor: 'magenta' },
    ],
    { killOthersOn: ['failure', 'success'], prefix: 'name' },
  );
  process.exitCode = await result.then(
    () => 0,
    (ends) => {
      if (isAskedToStop) return 0;
      if (Array.isArray(ends) && ends.some(({ exitCode }) => isBusError(exitCode))) {
        console.error(
          'The system ended the model server by SIGBUS: a file of the model was cut short, or its disk failed, while it ' +
            'was being read. Start again: which file it is will be said.',
        );
      }
      return 1;
    },
  );
}

/** The signal itself, or as a shell between tells it. */
function isBusError(exitCode) {
  return exitCode === 'SIGBUS' || exitCode === 128 + constants.signals.SIGBUS;
}
