import { parseHistory, type TimelineHistory } from '../../domain/cluster/timeline.ts';
import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import type { Session } from '../connection.ts';

/** A running server's place on the lines: what step lists E and F compare. */
export interface LogPlace {
  readonly systemIdentifier: string;
  readonly inRecovery: boolean;
  readonly history: TimelineHistory;
  /** Where it writes, or has received and replayed. */
  readonly positionLsn: Lsn;
  /** Of pg_control, which is behind until the first checkpoint after a promotion (HA14). */
  readonly controlTimeline: number;
}

interface PlaceRow {
  readonly systemIdentifier: string;
  readonly inRecovery: boolean;
  readonly position: string | null;
  readonly timeline: number;
  readonly controlTimeline: number;
}

/** Without a receiver a standby names no timeline but that of pg_control. */
const PLACE = `
  SELECT s.system_identifier::text AS "systemIdentifier", r.recovery AS "inRecovery", c.timeline_id AS "controlTimeline",
    CASE WHEN r.recovery THEN greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) ELSE pg_catalog.pg_current_wal_lsn() END::text AS position,
    CASE WHEN r.recovery
      THEN greatest(c.timeline_id, m.min_recovery_end_timeline, (SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver))
      ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(CASE WHEN NOT r.recovery THEN pg_catalog.pg_current_wal_lsn() END), 1, 8))::bit(32)::int END AS timeline
  FROM pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_control_recovery() m, (SELECT pg_catalog.pg_is_in_recovery() AS recovery) r`;

export async function readLogPlace(session: Session): Promise<LogPlace> {
  const { position, timeline, ...rest } = await session.row<PlaceRow>(PLACE);
  return { ...rest, positionLsn: parseLsn(position ?? '0/0'), history: await readHistory(session, timeline) };
}

/** Read from its own pg_wal; timeline 1 has no file. */
async function readHistory(session: Session, timeline: number): Promise<TimelineHistory> {
  if (timeline === 1) return { timeline, ancestors: [] };
  const { content } = await session.row<{ content: string }>('SELECT pg_catalog.pg_read_file($1) AS content', [`pg_wal/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`]);
  return parseHistory(timeline, content);
}
