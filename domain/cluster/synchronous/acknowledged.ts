import { hasReached, type Lsn } from '../../lsn.ts';
import type { WalSender } from '../replication-facts.ts';
import { mayAcknowledge, type SynchronousNames } from './names.ts';

/**
 * Up to where commits have been acknowledged, from pg_stat_replication of the primary; null while too few confirm. ANY: what so many have; FIRST: what the
 * first of the list that stream all have. Kept while the primary is well, it is a floor under whoever follows it (HA33).
 */
export function acknowledgedLsn(names: SynchronousNames, senders: readonly WalSender[]): Lsn | null {
  const confirming = senders.flatMap(({ applicationName, state, flushLsn }) => (state === 'streaming' && flushLsn !== null && mayAcknowledge(names, applicationName) ? [{ place: placeOf(names, applicationName), flushLsn }] : []));
  const counted = names.method === 'any' ? confirming : confirming.toSorted((left, right) => left.place - right.place).slice(0, names.count);
  return counted.map(({ flushLsn }) => flushLsn).toSorted((left, right) => Number(hasReached(right, left)) - Number(hasReached(left, right)))[names.count - 1] ?? null;
}

/** Place in the list; a star stands for every name. */
const placeOf = ({ names }: SynchronousNames, applicationName: string): number => names.findIndex((name) => name === '*' || name === applicationName.toLowerCase());
