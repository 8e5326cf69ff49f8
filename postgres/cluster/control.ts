import type { ControlFacts } from '../../domain/cluster/node-facts.ts';
import { parseLsn } from '../../domain/lsn.ts';
import type { Session } from '../connection.ts';

/** pg_control as a running server shows it, for installations without pg_controldata; the state follows from that it runs. */
export async function readControl(session: Session): Promise<ControlFacts> {
  const row = await session.row<Omit<ControlFacts, 'state'> & { readonly inRecovery: boolean; readonly checkpointLsn: string; readonly redoLsn: string }>(`
    SELECT s.system_identifier::text AS "systemIdentifier", c.timeline_id AS timeline, c.checkpoint_lsn AS "checkpointLsn", c.redo_lsn AS "redoLsn",
      pg_catalog.current_setting('wal_log_hints')::bool AS "walLogHints", i.data_page_checksum_version <> 0 AS "dataChecksums", c.full_page_writes AS "fullPageWrites",
      pg_catalog.pg_is_in_recovery() AS "inRecovery"
    FROM pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_control_init() i`);
  const { inRecovery, checkpointLsn, redoLsn, ...rest } = row;
  return { ...rest, checkpointLsn: parseLsn(checkpointLsn), redoLsn: parseLsn(redoLsn), state: inRecovery ? 'in archive recovery' : 'in production' };
}
