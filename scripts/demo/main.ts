import { printError } from '../../cli/print-error.ts';
import { version } from '../../cli/program.ts';
import { EXIT_CODES } from '../../domain/errors.ts';
import { runBackupStory } from './backup/run-backup-story.ts';
import { isGoodStory, storyText } from './backup/story-report.ts';
import { endDeadDemos, endDemo, keepDemo, makeDemoFolder } from './demo-folder.ts';
import { isGood } from './demo-report.ts';
import { Display } from './display.ts';
import { failoverText, isGoodFailover } from './failover/failover-report.ts';
import { runFailoverStory } from './failover/run-failover-story.ts';
import { listenForInterruption } from './interruption.ts';
import { parseDemoOptions, USAGE, type DemoOptions, type Story } from './options.ts';
import { reportText } from './report-text.ts';
import { runDemo, type DemoRun } from './run-demo.ts';

/** Runs the demo, tidies up whatever happened, and gives the exit code. */
async function main(options: DemoOptions): Promise<number> {
  const interrupted = listenForInterruption();
  const display = new Display();
  await endDeadDemos();
  const folder = await makeDemoFolder();
  try {
    const { report, text, good } = await tell({ folder, options, display, interrupted });
    process.stderr.write(`\n${text}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return good ? 0 : EXIT_CODES.verification;
  } catch (error) {
    // Ctrl-C reaches our programs too, and then the first error is one of theirs.
    throw interrupted.aborted ? interrupted.reason : error;
  } finally {
    await (options.keep && !interrupted.aborted ? leave(folder, options.story) : display.step('tidying up', () => endDemo(folder)));
  }
}

async function tell(run: DemoRun): Promise<{ report: object; text: string; good: boolean }> {
  if (run.options.story === 'backup') {
    const report = await runBackupStory(run);
    return { report, text: storyText(report), good: isGoodStory(report) };
  }
  if (run.options.story === 'failover') {
    const report = await runFailoverStory(run);
    return { report, text: failoverText(report), good: isGoodFailover(report) };
  }
  const report = await runDemo(run);
  return { report, text: reportText(report), good: isGood(report) };
}

const LOOK: Readonly<Record<Story, string>> = { migrate: 'migrate status shop', backup: 'backup report', failover: 'cluster drills list main' };

async function leave(folder: string, story: Story): Promise<void> {
  await keepDemo(folder);
  process.stderr.write(`
Everything still runs, in ${folder}.
  to look:  ${story === 'failover' ? `. ${folder}/world/environment` : `export PGCONVOY_STATE=${folder} PGCONVOY_INVENTORY=${folder}/pgconvoy.yaml`}
            npx pgconvoy ${LOOK[story]}
  to stop:  npx node scripts/demo/stop.ts ${folder}
`);
}

const words = process.argv.slice(2);
try {
  const options = parseDemoOptions(words);
  if (options === undefined) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await main(options);
} catch (error) {
  process.exitCode = printError(error, { words: ['demo', ...words], version: version(), json: words.includes('--json') });
}
