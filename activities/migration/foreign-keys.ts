import { keepArtifact, readArtifact } from '../../catalog/artifacts.ts';
import { OperationError } from '../../domain/errors.ts';
import { ensureForeignKey, type ForeignKey, listForeignKeys, validateForeignKey } from '../../postgres/foreign-keys.ts';
import { SQLSTATE, sqlstateOf } from '../../postgres/sqlstate.ts';
import { type Dependencies, openRun } from '../dependencies.ts';
import { beating } from '../step.ts';
import { restoreLateEntries } from './prepare-schema.ts';

const ARTIFACT = 'foreign-keys.json';
/** Keys in one step; each is a statement or two, and a scan of its table. */
const BATCH = 100;

/** Adds every foreign key, unchecked, and gives the ranges in which to validate them: many small lanes, no long lock. */
export const addForeignKeys =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<{ keys: number; batches: { from: number; to: number }[] }> => {
    const run = await openRun(deps, runId);
    return await beating(() => ({ doing: 'adding foreign keys' }), async () => {
      await using source = await run.openSource('keys');
      await using target = await run.openTarget('keys');
      const keys = await listForeignKeys(source, run.plan.scope);
      await keepArtifact(deps.catalog, { runId, name: ARTIFACT, content: Buffer.from(JSON.stringify(keys)) });
      for (const key of keys) await ensureForeignKey(target, key);
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
    let doing = '';
    await beating(() => ({ doing }), async () => {
      for (const key of keys.slice(from, to)) {
        doing = `validating foreign key ${key.name} of ${key.schema}.${key.table}`;
        await validateForeignKey(target, key).catch((error: unknown) => {
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
