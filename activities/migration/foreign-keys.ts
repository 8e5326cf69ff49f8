import { sleep } from '@temporalio/activity';

import { keepArtifact, readArtifact } from '../../catalog/artifacts.ts';
import { readTables } from '../../catalog/copy-plan.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { ensureForeignKey, type ForeignKey, listForeignKeys, type HeldBack, validateForeignKey, whileHeldBack } from '../../postgres/foreign-keys.ts';
import { quoteName } from '../../postgres/quoting.ts';
import { readHeartbeat, sendHeartbeat } from '../../postgres/run-schema.ts';
import { SQLSTATE, sqlstateOf } from '../../postgres/sqlstate.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';
import { restoreLateEntries } from './prepare-schema.ts';

const ARTIFACT = 'foreign-keys.json';
/** Keys in one step; each is a statement or two, and a scan of its table. */
const BATCH = 100;

/**
 * Adds every foreign key, unchecked, and gives the ranges in which to validate them: many small lanes, no long lock. `followed`:
 * the target is written to already, as it is when tables were copied under several snapshots that only the changes bring together.
 */
export const addForeignKeys =
  (deps: Dependencies) =>
  async ({ runId, followed }: { runId: string; followed: boolean }): Promise<{ keys: number; batches: { from: number; to: number }[] }> => {
    const run = await openRun(deps, runId);
    return await beating(() => ({ doing: 'adding foreign keys' }), async () => {
      await using source = await run.openSource('keys');
      await using target = await run.openTarget('keys');
      const keys = await listForeignKeys(source, run.plan.scope);
      await keepArtifact(deps.catalog, { runId, name: ARTIFACT, content: Buffer.from(JSON.stringify(keys)) });
      const generations = await generationsByTable(deps, runId);
      for (const key of keys) {
        const work = (): Promise<void> => ensureForeignKey(target, key);
        await (followed ? whileHeldBack(target, { ...apart(key, generations, (those) => awaitGenerations(run, { source, target }, those)), work }) : work());
      }
      await restoreLateEntries(deps, run);
      const size = Math.max(1, Math.min(BATCH, Math.ceil(keys.length / 16)));
      const starts = Array.from({ length: Math.ceil(keys.length / size) }, (_, index) => index * size);
      return { keys: keys.length, batches: starts.map((from) => ({ from, to: Math.min(from + size, keys.length) })) };
    });
  };

/** Checks the rows behind a range of foreign keys. A row without its parent on the source too is reported with its key (F24). */
export const validateForeignKeys =
  (deps: Dependencies) =>
  async ({ runId, from, to }: { runId: string; from: number; to: number }): Promise<void> => {
    const run = await openRun(deps, runId);
    const keys = JSON.parse((await readArtifact(deps.catalog, runId, ARTIFACT)).toString('utf8')) as ForeignKey[];
    await using target = await run.openTarget('keys', { maintenance_work_mem: run.plan.maintenanceWorkMem });
    await using source = await run.openSource('keys');
    const generations = await generationsByTable(deps, runId);
    let doing = '';
    await beating(() => ({ doing }), async () => {
      for (const key of keys.slice(from, to)) {
        doing = `validating foreign key ${key.name} of ${key.schema}.${key.table}`;
        const held = apart(key, generations, (those) => awaitGenerations(run, { source, target }, those));
        const work = (): Promise<void> => validateForeignKey(target, key);
        // Changes that come through one slot come as the transactions they were: no row without its parent is ever seen.
        const checked = held.tables.length === 0 ? work() : whileHeldBack(target, { ...held, work });
        await checked.catch((error: unknown) => {
          if (sqlstateOf(error) !== SQLSTATE.foreignKeyViolation) throw error;
          throw new OperationError('schema_failed', `foreign key ${key.name} of table ${key.schema}.${key.table} does not hold`, {
            detail: (error as OperationError).detail,
            hint: 'Rows without their parent exist on the source too; remove them there, or drop the key there, then resume.',
            cause: error,
          });
        });
      }
    });
  };

/** Under which slot each table is followed, by its quoted name. */
async function generationsByTable(deps: Dependencies, runId: string): Promise<ReadonlyMap<string, number>> {
  return new Map((await readTables(deps.catalog, runId)).map(({ generation, facts }) => [quoteName(facts.schema, facts.name), generation]));
}

/** The tables of a key that are followed through another slot than what they refer to: only there can a row come before its parent. */
function apart(key: ForeignKey, generations: ReadonlyMap<string, number>, awaitThose: (generations: readonly number[]) => Promise<void>): Pick<HeldBack, 'tables' | 'parentsThere'> {
  const of = ({ schema, name }: ForeignKey['tables'][number]): number | undefined => generations.get(quoteName(schema, name));
  const parents = [...new Set(key.referencedTables.flatMap((table) => of(table) ?? []))];
  const held = key.tables.flatMap((table) => {
    const generation = of(table);
    return generation !== undefined && parents.some((parent) => parent !== generation) ? [{ table, generation }] : [];
  });
  const waits = parents.filter((parent) => held.some(({ generation }) => generation !== parent));
  return { tables: held.map(({ table }) => table), parentsThere: () => awaitThose(waits) };
}

/** The longest wait, with the changes of a table held back, for those of another. */
const PARENTS_WITHIN_MS = 10_000;

/** Waits until the target has applied, through the slots of these generations, all that the source has committed by now. */
async function awaitGenerations(run: RunContext, { source, target }: { source: Session; target: Session }, generations: readonly number[]): Promise<void> {
  const deadline = performance.now() + PARENTS_WITHIN_MS;
  for (const generation of generations) {
    const token = `keys ${crypto.randomUUID()}`;
    await sendHeartbeat(source, { runId: run.runId, generation, token });
    while ((await readHeartbeat(target, run.runId, generation))?.token !== token) {
      if (performance.now() > deadline) throw new OperationError('catch_up_stalled', `the changes of generation ${generation} did not arrive while a foreign key waited for them`);
      await sleep(20);
    }
  }
}
