/** Says after the summary which tests this machine could not run: counts alone are overlooked. */
export default class SkippedTestsReporter {
  constructor({ testNamePattern }) {
    this.isPartOfFiles = Boolean(testNamePattern);
  }

  onRunComplete(_contexts, { testResults }) {
    if (this.isPartOfFiles) return;
    const skipped = testResults
      .flatMap((file) => file.testResults)
      .filter(({ status }) => status === 'pending');
    if (skipped.length === 0) return;
    const names = new Set(skipped.map(({ ancestorTitles, title }) => ancestorTitles[0] ?? title));
    process.stderr.write(`\nNot run on this machine, ${skipped.length} tests of:\n`);
    for (const name of names) process.stderr.write(`  ○ ${name}\n`);
  }
}
