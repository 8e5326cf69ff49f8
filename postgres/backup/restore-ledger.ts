import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';
import { runSchema } from '../run-schema.ts';

const ledgerOf = (runId: string): string => `${quoteIdent(runSchema(runId))}.done`;

/**
 * What of a restore is done, kept in the database that is restored: a step's row commits with the step's own work, so a repeated
 * attempt never does it twice. Dropped with the last step.
 */
export async function ensureRestoreLedger(session: Session, runId: string): Promise<void> {
  await session.execute(`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(runSchema(runId))}; CREATE TABLE IF NOT EXISTS ${ledgerOf(runId)} (step text PRIMARY KEY)`);
}

export async function readRestoreLedger(session: Session, runId: string): Promise<Set<string>> {
  const known = await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [ledgerOf(runId)]);
  if (!known.there) return new Set();
  return new Set((await session.rows<{ step: string }>(`SELECT step FROM ${ledgerOf(runId)}`)).map(({ step }) => step));
}

/** Inside the transaction of the work. As plain text, since it has to go along with statements that take no values. */
export const markStatement = (runId: string, step: string): string => `INSERT INTO ${ledgerOf(runId)} VALUES (${quoteLiteral(step)}) ON CONFLICT DO NOTHING`;

export async function dropRestoreLedger(session: Session, runId: string): Promise<void> {
  await session.execute(`DROP SCHEMA IF EXISTS ${quoteIdent(runSchema(runId))} CASCADE`);
}
