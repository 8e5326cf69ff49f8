import { type NumberedTable, type PlannedTable, readCurrentUnits, readHighestNumbers, readTables, recordTables, recordUnits } from '../../catalog/copy-plan.ts';
import { copyFormat } from '../../domain/copy/column-type.ts';
import { indexCost } from '../../domain/copy/cost.ts';
import { type Parcel, planCopy as cut } from '../../domain/copy/plan.ts';
import { lacksChoice, publishingOf } from '../../domain/copy/publishing.ts';
import type { LargeTable } from '../../domain/copy/tasks.ts';
import { OperationError } from '../../domain/errors.ts';
import { readLedger, resetTable } from '../../postgres/copy/copy-unit.ts';
import { quoteName } from '../../postgres/quoting.ts';
import { listFinished } from '../../postgres/run-schema.ts';
import { listTables } from '../../postgres/tables.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';

export interface PlannedCopy {
  readonly parcels: readonly Parcel[];
  readonly large: readonly LargeTable[];
  readonly tables: number;
  /** Bytes of all tables, and of those that an earlier generation has copied. */
  readonly bytes: number;
  readonly bytesDone: number;
}

/** TID range scans came with 14: before, every part would read the whole table. */
const FIRST_MAJOR_WITH_TID_RANGES = 14;

/**
 * Plans what is to be copied under the snapshot of a generation: everything at first, later what was not finished when
 * the snapshot before was lost. Those tables are emptied; finished ones, and large ones with all their rows, are kept.
 */
export const planCopy =
  (deps: Dependencies) =>
  async ({ runId, generation }: { runId: string; generation: number }): Promise<PlannedCopy> =>
    await beating(() => ({ doing: 'planning the copy' }), async () => {
      const run = await openRun(deps, runId);
      await using source = await run.openSource('plan');
      if (generation === 1) await recordTables(deps.catalog, runId, await numberTables(run));
      const tables = await readTables(deps.catalog, runId);
      const rest = generation === 1 ? { again: tables, kept: [] } : await whatIsLeft(run, tables);
      const highest = await readHighestNumbers(deps.catalog, runId);
      const plan = cut(rest.again, {
        splitAbove: run.plan.splitAboveBytes,
        canSplit: source.major >= FIRST_MAJOR_WITH_TID_RANGES,
        firstUnit: highest.unit + 1,
        firstParcel: highest.parcel + 1,
      });
      await recordUnits(deps.catalog, { runId, generation, units: plan.units });
      const large = new Set(plan.parcels.flatMap((parcel) => (parcel.large === undefined ? [] : [parcel.large])));
      const indexed = [...tables.filter(({ table }) => large.has(table)), ...rest.kept];
      const bytes = sum(tables);
      return { parcels: plan.parcels, large: indexed.map(asLarge), tables: tables.length, bytes, bytesDone: bytes - sum(rest.again) };
    });

const sum = (tables: readonly NumberedTable[]): number => tables.reduce((total, { facts }) => total + facts.bytes, 0);

const asLarge = ({ table, facts }: NumberedTable): LargeTable => ({
  table,
  label: `${facts.schema}.${facts.name}`,
  bytes: facts.bytes,
  indexes: facts.indexes.map((index) => ({ name: index.name, cost: indexCost(index) })),
});

async function numberTables(run: RunContext): Promise<NumberedTable[]> {
  await using source = await run.openSource('plan');
  const tables = await listTables(source, run.plan.scope);
  const undecided = tables.filter((table) => lacksChoice(table, run.plan));
  if (undecided.length > 0) {
    // Preflight has asked; a table may have come since. Publishing it would break the application's UPDATE and DELETE (F1).
    throw new OperationError('identity_choice_missing', `${undecided.length} tables have no replica identity and no choice was made for them`, {
      detail: `They are: ${undecided.slice(0, 10).map(({ schema, name }) => `${schema}.${name}`).join(', ')}.`,
    });
  }
  return tables
    .map(({ persistence, hasIdentity, ...facts }): PlannedTable => {
      const publish = publishingOf({ schema: facts.schema, name: facts.name, persistence, hasIdentity }, run.plan);
      return { ...facts, format: copyFormat(facts.columns), publish };
    })
    .filter(({ publish }) => publish !== 'skip')
    .map((facts, index) => ({ table: index + 1, generation: 1, facts }));
}

/** Large tables that lack nothing but indexes are kept as they are; their rows belong to an older slot. */
async function whatIsLeft(run: RunContext, tables: readonly NumberedTable[]): Promise<{ again: NumberedTable[]; kept: NumberedTable[] }> {
  await using target = await run.openTarget('plan');
  const finished = await listFinished(target, run.runId);
  const copied = new Set((await readLedger(target, run.runId)).map(({ unit }) => unit));
  const incomplete = new Set<number>();
  const partial = new Set<number>();
  for (const unit of await readCurrentUnits(run.catalog, run.runId)) {
    if (!copied.has(unit.unit)) incomplete.add(unit.table);
    if (unit.from !== undefined || unit.bytes >= 64 * 2 ** 20) partial.add(unit.table);
  }
  const open = tables.filter(({ facts }) => !finished.has(quoteName(facts.schema, facts.name)));
  // Without a slot nothing brings two snapshots together: an offline copy begins anew as a whole.
  const keeps = ({ table }: NumberedTable): boolean => run.plan.mode === 'online' && partial.has(table) && !incomplete.has(table);
  const again = run.plan.mode === 'online' ? open.filter((table) => !keeps(table)) : [...tables];
  for (const { facts } of again) await resetTable(target, run.runId, facts);
  return { again, kept: open.filter(keeps) };
}
