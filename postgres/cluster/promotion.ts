/** What a window asks of the two servers, over connections that are open already. */
import { type Lsn, parseLsn } from '../../domain/lsn.ts';
import type { WalLayout } from '../../domain/wal-record.ts';
import type { Session } from '../connection.ts';

export interface WalPlace {
  readonly layout: WalLayout;
  readonly timeline: number;
}

/** How the log of a primary is cut, and the timeline it writes. */
export async function readWalPlace(session: Session): Promise<WalPlace> {
  const { page, segment, file } = await session.row<{ page: number; segment: number; file: string }>(
    `SELECT (SELECT setting::integer FROM pg_catalog.pg_settings WHERE name = 'wal_block_size') AS page,
            (SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')))::integer AS segment,
            pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) AS file`,
  );
  return { layout: { pageBytes: page, segmentBytes: segment }, timeline: Number.parseInt(file.slice(0, 8), 16) };
}

export interface Received {
  /** Up to where the log is on its disk; null before it has received any. */
  readonly lsn: Lsn | null;
  readonly streaming: boolean;
}

/** What a standby has of its upstream's log, and whether more can come. */
export async function readReceived(session: Session): Promise<Received> {
  const { lsn, streaming } = await session.row<{ lsn: string | null; streaming: boolean }>(
    `SELECT pg_catalog.pg_last_wal_receive_lsn()::text AS lsn, EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver WHERE status = 'streaming') AS streaming`,
  );
  return { lsn: lsn === null ? null : parseLsn(lsn), streaming };
}

/** Orders a promotion and does not wait: waiting, the server looks ten times a second only. From 12 on. */
export const orderPromotion = async (session: Session): Promise<void> => void (await session.execute('SELECT pg_catalog.pg_promote(false)'));

/**
 * Writes a word into the log, and gives where it ends; null while the server is in recovery still. It is the proof that it takes writes, flushed here and
 * waiting for no standby.
 */
export async function tryToWrite(session: Session, word: string): Promise<Lsn | null> {
  const { lsn } = await session.row<{ lsn: string | null }>(`SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE pg_catalog.pg_logical_emit_message(true, 'pgconvoy', $1::text) END::text AS lsn`, [word]);
  return lsn === null ? null : parseLsn(lsn);
}

/** The timeline that a primary writes, which pg_control does not have before the next checkpoint. */
export async function writtenTimeline(session: Session): Promise<number> {
  const { file } = await session.row<{ file: string }>('SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()) AS file');
  return Number.parseInt(file.slice(0, 8), 16);
}

export const isInRecovery = async (session: Session): Promise<boolean> => (await session.row<{ recovering: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS recovering')).recovering;

export const checkpoint = async (session: Session): Promise<void> => void (await session.execute('CHECKPOINT'));
