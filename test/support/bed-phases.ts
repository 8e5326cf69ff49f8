import type { BedMigration } from './bed-migration.ts';

/** Copy units from this number on wait for a claim on their row of the ledger; those before are copied. Gives what lets them go on. */
export async function reachCopy(migration: BedMigration, firstHeld: number): Promise<() => Promise<void>> {
  await migration.createTarget();
  // The copy begins soon after the schema is there, so its ledger is claimed while that is held up.
  const schema = await migration.hold('CREATE SCHEMA shop');
  await migration.start();
  await schema.waited();
  const ledger = await migration.hold(`INSERT INTO ${await migration.schema()}.ledger SELECT unit, '', '', 1, 0, 0 FROM generate_series(${firstHeld}, 999) AS unit`);
  await schema.release();
  await ledger.waited();
  return ledger.release;
}

/** The target cannot apply changes, so that it stays behind; it can be read. */
export const lockHeartbeat = async (migration: BedMigration): Promise<string> => `LOCK TABLE ${await migration.schema()}.heartbeat_g1 IN EXCLUSIVE MODE`;

/** Enough for its indexes to be steps of their own. */
export const LARGE_TABLE = `
  CREATE TABLE shop.ballast (id int PRIMARY KEY, word text NOT NULL, weight text NOT NULL);
  ALTER TABLE shop.ballast OWNER TO shop_owner;
  ALTER TABLE shop.ballast ALTER weight SET STORAGE EXTERNAL;
  INSERT INTO shop.ballast SELECT n, md5(n::text), repeat(md5(n::text), 250) FROM generate_series(1, 9500) AS n;
  CREATE INDEX ballast_by_word ON shop.ballast (word)`;
