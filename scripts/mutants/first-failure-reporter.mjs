/** Ends the run at the first test that fails: Jest's own --bail goes on to the end of its file. */
export default class FirstFailureReporter {
  onTestCaseResult(_file, { status }) {
    if (status === 'failed') process.exit(1);
  }
}
