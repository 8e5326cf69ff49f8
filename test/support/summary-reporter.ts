import type { Reporter, TestModule } from 'vitest/node';

/**
 * The last line of a run: `N passed, N failed`. The type check and the lint that `npm test` ran before are counted in
 * (`CHECKS_PASSED`, `CHECKS_FAILED`). Under CI a skipped test is a failure: nobody would notice it there. A test that passed
 * only on a later try is named: it is a fault to find, in it or in us.
 */
export default class SummaryReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Promise<void> {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    for (const test of skipped) process.stdout.write(`SKIPPED ${test.module.relativeModuleId}: ${test.fullName}\n`);
    for (const test of tests.filter((one) => one.diagnostic()?.flaky === true)) process.stdout.write(`FLAKY ${test.module.relativeModuleId}: ${test.fullName}\n`);

    // A file that cannot be loaded has no tests to fail.
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    const forbidden = process.env['CI'] ? skipped.length : 0;
    if (forbidden > 0) process.exitCode = 1;

    const failed = inState('failed').length + brokenFiles + unhandledErrors.length + forbidden + counted('CHECKS_FAILED');
    const passed = inState('passed').length + counted('CHECKS_PASSED');
    // After the default reporter's own last words.
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}

const counted = (variable: string): number => Number(process.env[variable] ?? 0);
