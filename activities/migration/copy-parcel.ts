import { cancellationSignal, heartbeat } from '@temporalio/activity';

import { type NumberedTable, readParcel, readParcelTables, readSnapshotName, readTable } from '../../catalog/copy-plan.ts';
import { groupTiny } from '../../domain/copy/groups.ts';
import type { CopyUnit } from '../../domain/copy/plan.ts';
import { copyGroup } from '../../postgres/copy/copy-group.ts';
import { copyUnit } from '../../postgres/copy/copy-unit.ts';
import type { Session } from '../../postgres/connection.ts';
import { analyzeTable, attachConstraint, ensureIndex } from '../../postgres/indexes.ts';
import { beginOnSnapshot } from '../../postgres/replication/snapshot.ts';
import { markFinished } from '../../postgres/run-schema.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';
import { assertSame } from './compare-table.ts';

export interface ParcelInput {
  readonly runId: string;
  readonly generation: number;
  readonly parcel: number;
  /** Whether the tables are finished in the same go; large ones get their indexes from steps of their own. */
  readonly whole: boolean;
}

export interface ParcelResult {
  readonly rows: number;
  readonly bytes: number;
}

/** Copies the units of a parcel, one after the other, each in one transaction with its ledger row. */
export const copyParcel =
  (deps: Dependencies) =>
  async ({ runId, generation, parcel, whole }: ParcelInput): Promise<ParcelResult> => {
    const run = await openRun(deps, runId);
    const units = await readParcel(deps.catalog, runId, parcel);
    const tables = await readParcelTables(deps.catalog, runId, parcel);
    await using source = await run.openSource(`copy_p${parcel}`);
    await using target = await run.openTarget(`copy_p${parcel}`, copySettings(run));
    await beginOnSnapshot(source, await readSnapshotName(deps.catalog, runId, generation));
    const total = { tables: 0, rows: 0, bytes: 0 };
    for (const group of whole ? groupTiny(units, ({ bytes }) => bytes) : units.map((unit) => [unit])) {
      const members = group.map((unit) => ({ unit, table: tables.get(unit.table) as NumberedTable }));
      const report = (done: { tables: number; bytes: number }): void => {
        const { facts } = (members[done.tables] ?? members[0] as Member).table;
        heartbeat({ table: `${facts.schema}.${facts.name}`, tablesDone: total.tables + done.tables, tables: units.length, bytes: total.bytes + done.bytes });
      };
      const { rows, bytes } = await copyMembers(run, { source, target, generation, whole, report }, members);
      total.tables += members.length;
      total.rows += rows;
      total.bytes += bytes;
    }
    return { rows: total.rows, bytes: total.bytes };
  };

interface Member {
  readonly unit: CopyUnit;
  readonly table: NumberedTable;
}

interface Lane {
  readonly source: Session;
  readonly target: Session;
  readonly generation: number;
  readonly whole: boolean;
  readonly report: (done: { tables: number; bytes: number }) => void;
}

/** Small tables together, from their rows to their indexes; any other alone, in steps that a second attempt finds done. */
async function copyMembers(run: RunContext, { source, target, generation, whole, report }: Lane, members: readonly Member[]): Promise<ParcelResult> {
  const { runId, plan } = run;
  const signal = cancellationSignal();
  const [first, ...others] = members;
  if (first === undefined) return { rows: 0, bytes: 0 };
  if (others.length > 0) {
    const order = { runId, generation, members: members.map(({ unit, table }) => ({ unit, table: table.facts })) };
    return await copyGroup(source, target, order, {
      signal,
      onTable: (done) => report({ tables: done, bytes: 0 }),
      ...(plan.verify === 'full' ? { check: (tables) => assertSame(run, { source, target }, tables) } : {}),
    });
  }
  report({ tables: 0, bytes: 0 });
  const { rows, bytes } = await copyUnit(source, target, { runId, generation, unit: first.unit, table: first.table.facts }, { onProgress: (done) => report({ tables: 0, bytes: done }), signal });
  if (whole) await finishSmallTable(run, { source, target }, first.table);
  return { rows, bytes };
}

/** Builds one index of a large table, with the memory it was given. */
export const buildIndex =
  (deps: Dependencies) =>
  async ({ runId, table, index }: { runId: string; table: number; index: string }): Promise<void> => {
    const run = await openRun(deps, runId);
    const { facts } = await readTable(deps.catalog, runId, table);
    const wanted = facts.indexes.find(({ name }) => name === index);
    if (wanted === undefined) return;
    await using target = await run.openTarget('index', copySettings(run));
    await cancellable(target, () => beating(() => ({ index, of: `${facts.schema}.${facts.name}` }), () => ensureIndex(target, facts, wanted)));
  };

/** Turns the indexes of a large table into what they stand for, and collects its statistics. */
export const finishTable =
  (deps: Dependencies) =>
  async ({ runId, table }: { runId: string; table: number }): Promise<void> => {
    const run = await openRun(deps, runId);
    const { facts } = await readTable(deps.catalog, runId, table);
    await using target = await run.openTarget('finish', copySettings(run));
    await cancellable(target, () =>
      beating(() => ({ finishing: `${facts.schema}.${facts.name}` }), async () => {
        for (const index of facts.indexes) await attachConstraint(target, facts, index);
        await analyzeTable(target, facts);
        await markFinished(target, runId, facts);
      }),
    );
  };

/** Compares a large table with its source under the snapshot it was copied from. */
export const verifyTable =
  (deps: Dependencies) =>
  async ({ runId, generation, table }: { runId: string; generation: number; table: number }): Promise<void> => {
    const run = await openRun(deps, runId);
    const { facts } = await readTable(deps.catalog, runId, table);
    await using source = await run.openSource('verify');
    await using target = await run.openTarget('verify');
    await beginOnSnapshot(source, await readSnapshotName(deps.catalog, runId, generation));
    await cancellable(target, () => beating(() => ({ verifying: `${facts.schema}.${facts.name}` }), () => assertSame(run, { source, target }, [facts])));
  };

async function finishSmallTable(run: RunContext, { source, target }: { source: Session; target: Session }, { facts }: NumberedTable): Promise<void> {
  for (const index of facts.indexes) await ensureIndex(target, facts, index);
  for (const index of facts.indexes) await attachConstraint(target, facts, index);
  await analyzeTable(target, facts);
  if (run.plan.verify === 'full') await assertSame(run, { source, target }, [facts]);
  await markFinished(target, run.runId, facts);
}

/** A crash of the target loses at most what the ledger does not claim, so no commit has to wait for the disk. */
const copySettings = (run: RunContext): Record<string, string> => ({
  synchronous_commit: 'off',
  maintenance_work_mem: run.plan.maintenanceWorkMem,
  // Lanes are as many as cores: a parallel build would only take them from others.
  max_parallel_maintenance_workers: '0',
});

/** Ends the statement on the server too when the step is cancelled: an index build would go on for hours. */
async function cancellable<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const cut = (): void => session.destroy();
  cancellationSignal().addEventListener('abort', cut, { once: true });
  try {
    return await work();
  } finally {
    cancellationSignal().removeEventListener('abort', cut);
  }
}
