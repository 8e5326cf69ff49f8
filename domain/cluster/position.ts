import { hasReached, type Lsn } from '../lsn.ts';
import type { ServerState } from './node-facts.ts';

export const furthest = (positions: readonly (Lsn | null)[]): Lsn | null =>
  positions.reduce<Lsn | null>((best, lsn) => (lsn !== null && (best === null || !hasReached(best, lsn)) ? lsn : best), null);

/**
 * Up to where a server would have replayed once promoted: the greater of received and replayed, because received is null on a standby that was
 * restarted while detached, and behind on one that reads from the archive (HA36). A primary's is where it writes.
 */
export const positionOf = ({ writeLsn, receiveLsn, replayLsn }: Pick<ServerState, 'writeLsn' | 'receiveLsn' | 'replayLsn'>): Lsn | null => furthest([writeLsn, receiveLsn, replayLsn]);
