// npm start: the model server and the bot, with their output side by side; when one ends, so does the other. With the name
// of an app, that one alone. A signal ends what runs in good order, and that counts as success.
//
// package.json starts this by `exec`, since the shell between would keep npm's signals to itself. Where the shell knows no
// `exec`, on Windows, the second half of that line does it.
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
    () => (isAskedToStop ? 0 : 1),
  );
}
