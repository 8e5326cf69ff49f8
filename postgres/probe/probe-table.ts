import type { FoundRow } from '../../domain/cluster/drill/ledger.ts';
import { quoteLiteral } from '../quoting.ts';
import type { ProbeConnection } from './probe-connection.ts';

const TABLE = 'pgconvoy_probe.write';

/** No key but an index: a row that is there twice is to be seen. */
const DEFINITION = `
  CREATE SCHEMA IF NOT EXISTS pgconvoy_probe;
  CREATE TABLE IF NOT EXISTS ${TABLE} (run text NOT NULL, writer text NOT NULL, seq integer NOT NULL, timeline integer NOT NULL, node text NOT NULL, at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp());
  CREATE INDEX IF NOT EXISTS write_by_run ON ${TABLE} (run, writer, seq)`;

export async function createProbeTable(connection: ProbeConnection): Promise<void> {
  const { rows } = await connection.ask(`SELECT pg_catalog.to_regclass('${TABLE}') IS NOT NULL`);
  if (rows[0]?.[0] !== true) await connection.ask(DEFINITION);
}

/** The timeline is that of the segment that is written; the control file has the old one until a checkpoint. The node is where its server listens. */
export const insertSql = (run: string, writer: string, seq: number): string =>
  `INSERT INTO ${TABLE} (run, writer, seq, timeline, node) VALUES (${quoteLiteral(run)}, ${quoteLiteral(writer)}, ${seq}, ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::integer, coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'socket') || ':' || pg_catalog.current_setting('port')) RETURNING node, timeline`;

export const readSql = (run: string, writer: string): string => `SELECT pg_catalog.max(seq) FROM ${TABLE} WHERE run = ${quoteLiteral(run)} AND writer = ${quoteLiteral(writer)}`;

export async function readFoundRows(connection: ProbeConnection, run: string): Promise<FoundRow[]> {
  const { rows } = await connection.ask(`SELECT writer, seq, pg_catalog.count(*)::integer FROM ${TABLE} WHERE run = ${quoteLiteral(run)} GROUP BY writer, seq`);
  return rows.map(([writer, seq, count]) => ({ writer: String(writer), seq: Number(seq), count: Number(count) }));
}

/** The rows of a run, or everything the probe has ever made. */
export async function cleanProbe(connection: ProbeConnection, run: string | null): Promise<void> {
  await connection.ask(run === null ? 'DROP SCHEMA IF EXISTS pgconvoy_probe CASCADE' : `DELETE FROM ${TABLE} WHERE run = ${quoteLiteral(run)}`);
}
