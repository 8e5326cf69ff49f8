import { type Command, InvalidArgumentError } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { connectClient } from '../../client/connect-client.ts';
import { backfillSchedule, pauseSchedule, resumeSchedule, triggerSchedule } from '../../client/schedule-orders.ts';
import { reportSchedules } from '../../client/schedule-reports.ts';
import { applySchedules, planSchedules } from '../../client/schedules.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';
import { clockWarnings, declaredSchedules } from '../schedule/declared.ts';
import { planText, reportText } from '../schedule/texts.ts';

/** `pgconvoy schedule`: when backups run by themselves. */
export function register(program: Command): void {
  const schedule = program.command('schedule').description('Says when backups run by themselves. Declared in the inventory, kept by Temporal: workers and this machine may be away.');
  schedule
    .command('apply')
    .description('Puts the schedules of all policies in force, and removes those of policies that are gone. What is paused stays paused. Again changes nothing.')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(apply);
  schedule.command('list').description('Shows what is in force against what is declared, when it runs next, and how it ended last.').action(list);
  order(schedule, 'pause', 'Stops a schedule from starting backups; one that runs goes on.').requiredOption('--reason <text>', 'why; shown until it is resumed').action(pause);
  order(schedule, 'resume', 'Lets a schedule start backups again.').option('--reason <text>', 'why').action(resume);
  order(schedule, 'trigger', 'Starts the backup of a policy now, as the schedule would, also while it is paused.').action(trigger);
  order(schedule, 'backfill', 'Starts a run for every declared time of a period, one after the other. A backup shows the database as it is when it runs: for one that was missed, `trigger` is enough.')
    .requiredOption('--from <instant>', 'its beginning, for example 2026-11-01T00:00Z', instantOf)
    .requiredOption('--to <instant>', 'its end', instantOf)
    .action(backfill);
}

const order = (schedule: Command, name: string, description: string): Command =>
  schedule.command(name).description(description).argument('<policy>', 'its name in the inventory').option('--by <name>', 'who asks, for the audit', osUser());

const declaredIn = (command: Command) => declaredSchedules(loadInventory(findInventory(globalOptions(command).inventory)));

async function apply({ dryRun = false, by }: { dryRun?: boolean; by: string }, command: Command): Promise<void> {
  const declared = declaredIn(command);
  const warnings = clockWarnings(declared);
  await using open = await connectClient(temporalConnection());
  const plans = dryRun ? await planSchedules(open.client, declared) : await applySchedules(open.client, declared);
  const changed = plans.filter(({ change }) => change !== 'in force');
  if (!dryRun && changed.length > 0) await withCatalog(command, (catalog) => appendAudit(catalog, { actor: by, action: 'schedule.apply', object: `schedules ${changed.map(({ policy }) => policy).join(', ')}`, detail: { changed }, result: 'done' }));
  printResult(command, { dryRun, schedules: plans, warnings }, () => planText(plans, { dryRun, warnings }));
}

async function list(_options: object, command: Command): Promise<void> {
  const declared = declaredIn(command);
  const warnings = clockWarnings(declared);
  await using open = await connectClient(temporalConnection());
  const schedules = await reportSchedules(open.client, declared);
  printResult(command, { schedules, warnings }, () => reportText(schedules, warnings));
}

interface OrderOptions {
  readonly by: string;
  readonly reason?: string;
}

async function pause(policy: string, { by, reason = '' }: OrderOptions, command: Command): Promise<void> {
  await using open = await connectClient(temporalConnection());
  await pauseSchedule(open.client, policy, `${reason} (${by})`);
  await tell(command, { policy, by, action: 'schedule.pause', detail: { reason } });
  printResult(command, { policy, paused: true, reason }, () => `The schedule of ${policy} is paused: ${reason}`);
}

async function resume(policy: string, { by, reason = 'resumed' }: OrderOptions, command: Command): Promise<void> {
  await using open = await connectClient(temporalConnection());
  await resumeSchedule(open.client, policy, `${reason} (${by})`);
  await tell(command, { policy, by, action: 'schedule.resume', detail: { reason } });
  printResult(command, { policy, paused: false }, () => `The schedule of ${policy} is in force again.`);
}

async function trigger(policy: string, { by }: OrderOptions, command: Command): Promise<void> {
  await using open = await connectClient(temporalConnection());
  const { skipped } = await triggerSchedule(open.client, policy);
  await tell(command, { policy, by, action: 'schedule.trigger', detail: { skipped } });
  if (skipped) throw new OperationError('already_running', `a backup by policy "${policy}" is under way`, { detail: 'Temporal passes the order over.', hint: '`pgconvoy schedule list` shows it.' });
  printResult(command, { policy, triggered: true }, () => `Triggered ${policy}; \`pgconvoy schedule list\` shows how it goes.`);
}

async function backfill(policy: string, { by, from, to }: OrderOptions & { from: Date; to: Date }, command: Command): Promise<void> {
  if (from >= to) throw new OperationError('usage', '--from has to be before --to');
  await using open = await connectClient(temporalConnection());
  await backfillSchedule(open.client, policy, { from, to });
  const period = { from: from.toISOString(), to: to.toISOString() };
  await tell(command, { policy, by, action: 'schedule.backfill', detail: period });
  printResult(command, { policy, ...period }, () => `Makes up for the times of ${policy} from ${period.from} to ${period.to}, one after the other.`);
}

const tell = (command: Command, { policy, by, action, detail }: { policy: string; by: string; action: string; detail: object }): Promise<unknown> =>
  withCatalog(command, (catalog) => appendAudit(catalog, { actor: by, action, object: `schedule of policy ${policy}`, detail, result: 'done' }));

/** With a zone: a local time would mean another instant on every machine. */
function instantOf(text: string): Date {
  const instant = new Date(text);
  if (!/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || Number.isNaN(instant.getTime())) throw new InvalidArgumentError('It is an instant with its zone, for example 2026-11-01T00:00Z or 2026-11-01T00:00+01:00.');
  return instant;
}
