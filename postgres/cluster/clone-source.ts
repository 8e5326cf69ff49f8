import type { CloneFacts, CopiedSetting } from '../../domain/cluster/clone/checks.ts';
import { NODE_CONF } from '../../domain/cluster/settings/node-conf.ts';
import { NOT_LESS } from '../../domain/cluster/settings/parity.ts';
import type { Session } from '../connection.ts';

const FREE_SENDERS = `(pg_catalog.current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_catalog.pg_stat_replication))::int AS "freeWalSenders"`;

/** What a node is asked before it is copied. */
export const readCloneSource = (session: Session): Promise<Omit<CloneFacts['source'], 'name'>> =>
  session.row(`
    SELECT s.system_identifier::text AS "systemIdentifier", ${session.major}::int AS major, ${FREE_SENDERS},
      (SELECT sum(pg_catalog.pg_tablespace_size(oid)) FROM pg_catalog.pg_tablespace)::float8 AS bytes,
      (SELECT coalesce(array_agg(pg_catalog.pg_tablespace_location(oid) ORDER BY 1), '{}') FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')) AS tablespaces,
      pg_catalog.current_setting('wal_log_hints')::bool AS "walLogHints", pg_catalog.current_setting('data_checksums') = 'on' AS "dataChecksums",
      pg_catalog.current_setting('full_page_writes')::bool AS "fullPageWrites", pg_catalog.current_setting('wal_level') AS "walLevel"
    FROM pg_catalog.pg_control_system() s`);

/** What a node is asked before another streams from it. */
export async function readCloneUpstream(session: Session, slot: string): Promise<Omit<CloneFacts['upstream'], 'name'>> {
  const row = await session.row<Omit<CloneFacts['upstream'], 'name' | 'settings'>>(
    `SELECT s.system_identifier::text AS "systemIdentifier", ${FREE_SENDERS},
       (SELECT count(*) FILTER (WHERE slot_name = $1) > 0 OR count(*) < pg_catalog.current_setting('max_replication_slots')::int FROM pg_catalog.pg_replication_slots) AS "slotReady"
     FROM pg_catalog.pg_control_system() s`,
    [slot],
  );
  const settings = await session.rows<CopiedSetting>(
    `SELECT name, setting AS value, boot_val AS "bootValue", coalesce(sourcefile LIKE '%/' || $2, false) AS "ownFile" FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[])`,
    [[...NOT_LESS], NODE_CONF],
  );
  return { ...row, settings };
}
