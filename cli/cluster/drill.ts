import { writeFileSync } from 'node:fs';

import { type Command, InvalidArgumentError, Option } from 'commander';

import { listDrills, readDrill } from '../../catalog/cluster/drills.ts';
import { workflowResult } from '../../client/backups.ts';
import { connectClient } from '../../client/connect-client.ts';
import { type DrillClusterInput, type DrillEnd, startDrill } from '../../client/drills.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { DRILL_KINDS, type DrillKind } from '../../domain/cluster/drill/plan.ts';
import { parseDuration } from '../../domain/durations.ts';
import { EXIT_CODES, exitCodeOf } from '../../domain/errors.ts';
import { confirm } from '../confirm.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { printResult } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';
import { gatesText, listText, reportText, summaryText } from './drill-text.ts';

interface DrillOptions {
  readonly name?: string;
  readonly kind?: DrillKind;
  readonly baseline?: number;
  readonly maxWriteGap?: number;
  readonly maxLost?: number;
  readonly redundantWithin?: number;
  readonly abortAfter?: number;
  readonly writers?: number;
  readonly rate?: number;
  readonly failBack?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly by: string;
}

/** `pgconvoy cluster drill` and `pgconvoy cluster drills`. */
export function registerDrill(cluster: Command): void {
  cluster
    .command('drill')
    .description('Breaks something on purpose, under writers that keep every acknowledgement, and says whether the cluster answered as it was expected to. Exit status 8 when a part of the hypothesis is broken.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--name <drill>', 'one of its drills in the inventory')
    .addOption(new Option('--kind <kind>', 'what is broken').choices(DRILL_KINDS))
    .option('--baseline <duration>', 'how long the probe runs before the fault, and after it', milliseconds)
    .option('--max-write-gap <duration>', 'hypothesis: the longest time without a write', milliseconds)
    .option('--max-lost <n>', 'hypothesis: acknowledged writes that may be lost', Number)
    .option('--redundant-within <duration>', 'hypothesis: until every standby streams again', milliseconds)
    .option('--abort-after <duration>', 'after so long without a write it fails over by force', milliseconds)
    .option('--writers <n>', 'connections that write', wholeNumber)
    .option('--rate <n>', 'writes per second, all writers together', wholeNumber)
    .option('--fail-back', 'switch back when the cool-down is over')
    .option('--dry-run', 'only show the gates')
    .option('--yes', 'do not ask: this is the consent')
    .option('--no-wait', 'start it only')
    .option('--by <name>', 'who consents, for the audit', osUser())
    .action(drill);
  const drills = cluster.command('drills').description('The drills that were held, and their reports.');
  drills.command('list').description('Lists the drills of a cluster, newest first.').argument('<cluster>', 'its name').option('--limit <n>', 'how many', wholeNumber, 20).action(list);
  drills.command('report').description('Shows the report of a drill, which is kept as it was made.').argument('<drill>', 'its id').option('--html <file>', 'write the page with the timeline there').action(report);
}

async function drill(cluster: string, options: DrillOptions, command: Command): Promise<void> {
  if (options.dryRun !== true) await confirm({ text: `Hold the drill ${options.name ?? options.kind ?? ''} on cluster "${cluster}"? It breaks something on purpose.`, yes: options.yes === true, act: `hold a drill on cluster "${cluster}"` });
  await using open = await connectClient(temporalConnection());
  const started = await startDrill(open.client, inputOf(cluster, options));
  if (!options.wait && options.dryRun !== true) return printResult(command, { ...started, cluster }, () => `Started the drill: workflow ${started.workflowId}.`);
  const end = await workflowResult<DrillEnd>(open.client, started);
  if (end.drill === null) {
    printResult(command, end, () => gatesText(end.gates));
    if (end.gates.some((gate) => !gate.open)) process.exitCode = exitCodeOf('drill_refused');
    return;
  }
  const { drill: summary } = end;
  printResult(command, summary, () => summaryText(summary));
  if (summary.verdict !== 'passed') process.exitCode = EXIT_CODES.verification;
}

function inputOf(cluster: string, { name, kind, baseline, maxWriteGap, maxLost, redundantWithin, abortAfter, writers, rate, failBack, dryRun, by }: DrillOptions): DrillClusterInput {
  const hypothesis = { ...given('maxWriteGapMs', maxWriteGap), ...given('maxLostWrites', maxLost), ...given('redundantWithinMs', redundantWithin) };
  return {
    cluster, consentBy: by, dryRun: dryRun === true, hypothesis,
    ...given('name', name), ...given('kind', kind), ...given('writers', writers), ...given('rate', rate), ...given('failBack', failBack),
    ...(baseline === undefined ? {} : { baselineSeconds: baseline / 1000 }), ...(abortAfter === undefined ? {} : { abortLimits: { writeGapMs: abortAfter } }),
  };
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> => (value === undefined ? {} : ({ [key]: value } as Record<Key, Value>));

async function list(cluster: string, { limit }: { limit: number }, command: Command): Promise<void> {
  const drills = await withCatalog(command, (catalog) => listDrills(catalog, { cluster, limit }));
  printResult(command, { drills }, () => listText(drills));
}

async function report(id: string, { html }: { html?: string }, command: Command): Promise<void> {
  const found = await withCatalog(command, (catalog) => readDrill(catalog, id));
  if (html !== undefined) {
    try {
      writeFileSync(html, found.page);
    } catch (error) {
      throw couldNotWrite(html, error);
    }
  }
  printResult(command, found.report, () => `${reportText(found.report)}${html === undefined ? '' : `\nThe page is ${html}.`}`);
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('It must be a duration, for example 30s.');
  return ms;
}
