import { OperationError } from '../domain/errors.ts';
import type { Session } from '../postgres/connection.ts';
import { readMigration, SCHEMA_MIGRATIONS } from './schema-migrations.ts';

/** Any fixed number will do; this one spells `pgcv` in ASCII. */
const LOCK_KEY = 0x70_67_63_76;

/**
 * Brings the catalog's schema to the newest number, all pending migrations in one transaction. Safe to call from many
 * processes at once: one migrates, the others wait for it. Throws `catalog_too_new`.
 */
export async function migrateSchema(session: Session): Promise<void> {
  const newest = SCHEMA_MIGRATIONS.at(-1)?.number ?? 0;
  if ((await readVersion(session)) === newest) return;
  await session.transaction(async () => {
    await session.execute('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const version = await readVersion(session);
    if (version > newest) throw tooNew(session, version, newest);
    if (version === 0) await createLedger(session);
    for (const migration of SCHEMA_MIGRATIONS.filter(({ number }) => number > version)) {
      await session.execute(readMigration(migration));
      await session.execute('INSERT INTO pgconvoy.schema_migration (number, name) VALUES ($1, $2)', [migration.number, migration.name]);
    }
  });
}

/** The number of the last migration that ran; 0 when there is no catalog yet. */
async function readVersion(session: Session): Promise<number> {
  // Not to_regclass: it answers from the backend's cache, which waiting for an advisory lock does not bring up to date.
  const { present } = await session.row<{ present: boolean }>(`SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'pgconvoy' AND tablename = 'schema_migration') AS present`);
  if (!present) return 0;
  const { version } = await session.row<{ version: number }>('SELECT coalesce(max(number), 0) AS version FROM pgconvoy.schema_migration');
  return version;
}

const createLedger = (session: Session): Promise<number> =>
  session.execute(`
    CREATE SCHEMA IF NOT EXISTS pgconvoy;
    CREATE TABLE pgconvoy.schema_migration (
      number     integer PRIMARY KEY,
      name       text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`);

const tooNew = (session: Session, version: number, newest: number): OperationError =>
  new OperationError('catalog_too_new', `catalog in ${session.place()} was written by a newer pgconvoy`, {
    detail: `Its schema has number ${version}; this version knows numbers up to ${newest}.`,
    context: { version, newest },
  });
