const Sequencer = require('@jest/test-sequencer').default;

/** Where the specs stand that take longest, the longest first: they start bots, servers, browsers and the command line. */
const slowest = ['stories', 'cli', 'browser', 'crowd', 'training', 'devices', 'slack', 'discord', 'start'];

/**
 * A machine that has not run the tests yet, as CI's, knows no times, and Jest then begins with the largest files: one
 * worker was left with the stories, whose specs are a few lines, when the others had finished.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const folder = ({ path }) => slowest.findIndex((name) => path.includes(`/test/${name}/`));
    const rank = (test) => (folder(test) < 0 ? slowest.length : folder(test));
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
};
