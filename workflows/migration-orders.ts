import { setHandler } from '@temporalio/workflow';

import { MIGRATION_ORDERS, type MigrationOrder, ORDER_RULES } from '../domain/migration/orders.ts';
import { failWith } from './failure.ts';
import { abortUpdate, approveUpdate, commitUpdate, type Order, pauseUpdate, type Receipt, resumeUpdate } from './messages.ts';
import type { MigrationRun } from './migration-run.ts';
import { quickly } from './proxies.ts';

const UPDATES = { approve: approveUpdate, pause: pauseUpdate, resume: resumeUpdate, abort: abortUpdate, commit: commitUpdate } as const;

/** Takes the operator's orders: refused at once when they do not fit, written into the audit when they do. */
export function handleOrders(run: MigrationRun): void {
  for (const order of MIGRATION_ORDERS) {
    setHandler(UPDATES[order], (given) => accept(run, order, given), {
      description: ORDER_RULES[order].description,
      validator: (given) => validate(run, order, given),
    });
  }
}

async function accept(run: MigrationRun, order: MigrationOrder, given: Order): Promise<Receipt> {
  obey(run, order, given);
  const { runId, migration } = run;
  const entry = { runId, migration, order, by: given.by, ...(given.note === undefined ? {} : { note: given.note }) };
  await quickly.recordOrder.executeWithOptions({ summary: `${order} by ${given.by}` }, [entry]);
  return { accepted: true, order, runId, state: run.standing.state };
}

function obey(run: MigrationRun, order: MigrationOrder, given: Order): void {
  switch (order) {
    case 'approve':
      run.orders.approved = given;
      return;
    case 'pause':
      run.orders.paused = true;
      return;
    case 'resume':
      run.orders.paused = false;
      run.orders.resumed = true;
      return;
    case 'abort':
      run.orders.aborted = given;
      run.forward.cancel();
      return;
    case 'commit':
      run.orders.committed = given;
      return;
  }
}

/** Synchronous, as Temporal wants it: what it throws is the answer, and leaves no trace in the history. */
function validate(run: MigrationRun, order: MigrationOrder, given: Order | undefined): void {
  if (typeof given?.by !== 'string' || given.by === '') {
    throw failWith('input_invalid', `${order} needs one JSON object that says by whom`, { hint: 'Give {"by": "your name"}; a "note" may follow.' });
  }
  const rule = ORDER_RULES[order];
  const { standing } = run;
  if (rule.fits(standing)) return;
  throw failWith('not_now', `the migration cannot be given the order ${order} now`, {
    detail: `It is ${standing.state}, in phase ${standing.phase}. ${rule.why}`,
    hint: `\`pgconvoy migrate status ${run.migration}\` shows what it waits for.`,
  });
}
