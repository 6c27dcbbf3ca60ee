/** Trains as the command line does, and is killed in the middle: after so many steps, before their checkpoint. */
import { readTrainingConfig, train } from '#libs/training';

const [config, out, steps] = process.argv.slice(2);
await train({
  config: await readTrainingConfig('stage1', config),
  out,
  resume: false,
  onStep: ({ step }) => {
    if (step === Number(steps)) process.kill(process.pid, 'SIGKILL');
  },
});
