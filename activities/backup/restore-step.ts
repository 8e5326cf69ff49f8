import type { RestoreStep } from '../../domain/backup/restore-steps.ts';
import { OperationError } from '../../domain/errors.ts';
import { markStatement } from '../../postgres/backup/restore-ledger.ts';
import type { Session } from '../../postgres/connection.ts';
import type { SessionPool } from '../../postgres/pool.ts';
import { analyzeTable } from '../../postgres/indexes.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { SQLSTATE, sqlstateOf } from '../../postgres/sqlstate.ts';
import { type Refusal, refusalOf } from './restore-faults.ts';
import { restoreLargeObjects, restoreRows } from './restore-rows.ts';
import type { RestoreJob } from './restore-target.ts';

const DEADLOCK_TRIES = 5;

/** Does one step of the lanes; gives why, when the archive or the server's verdict on it is at fault. */
export async function restoreStep(job: RestoreJob, { pool, step, ofExtension, onProgress }: { pool: SessionPool; step: RestoreStep; ofExtension: (schema: string, name: string) => boolean; onProgress: (bytes: number) => void }): Promise<Refusal | undefined> {
  const { work } = step;
  try {
    await untilNoDeadlock(() =>
      pool.use(async (session) => {
        job.signal.throwIfAborted();
        if (work.kind === 'rows') await restoreRows(job, session, { step, table: work.table, ofExtension: ofExtension(work.table.schema, work.table.name), onProgress });
        else if (work.kind === 'large-objects') await restoreLargeObjects(job, session, step, work.list);
        else if (work.kind === 'statistics') await analyze(job, session, step, work);
        else await define(job, session, step, work.entry);
      }),
    );
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

/** As pg_restore has the definition, with the mark in the same transaction. */
async function define(job: RestoreJob, session: Session, step: RestoreStep, { definition, tablespace }: { definition: string; tablespace: string | null }): Promise<void> {
  const place = tablespace !== null && job.tablespaces ? `SET LOCAL default_tablespace = ${quoteIdent(tablespace)};` : '';
  await session.execute(`BEGIN; ${place}${definition};${markStatement(job.runId, step.id)}; COMMIT`);
}

async function analyze(job: RestoreJob, session: Session, step: RestoreStep, table: { readonly schema: string; readonly name: string }): Promise<void> {
  await session.transaction(async () => {
    await analyzeTable(session, table);
    await session.execute(markStatement(job.runId, step.id));
  });
}

/** Lanes stay out of each other's way as far as the archive says what locks what; the rest the server sorts out. */
async function untilNoDeadlock(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === DEADLOCK_TRIES || !(error instanceof OperationError) || sqlstateOf(error) !== SQLSTATE.deadlockDetected) throw error;
    }
  }
}
