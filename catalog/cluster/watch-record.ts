import { clusterHolder } from './lock.ts';
import { readWell } from './last-known.ts';
import { readPause } from './pause.ts';
import { listRoleChanges } from './role-changes.ts';
import type { Catalog } from '../open-catalog.ts';
import { runKind } from '../runs.ts';
import type { WatchRecord } from '../../domain/cluster/failover/gates.ts';
import { ROLE_CHANGERS } from '../../domain/cluster/failover/preempt.ts';
import type { Reading } from '../../domain/cluster/reading.ts';

/** When all was well, as the one who watches has seen it. */
export interface Well {
  readonly at: Reading;
  readonly redundant: boolean;
}

/** A watcher that takes over believes what another saw so lately; before that, nobody watched, and a loss may be older than the watch. */
const OTHERS_WELL_MS = 60_000;

export interface RecordQuestion {
  readonly cluster: string;
  readonly primary: string;
  readonly well: Well | null;
  readonly now: Reading;
}

/** What the gates are judged by. Ages come from the catalog's clock, which alone was there all the time. */
export async function readRecord(catalog: Catalog, { cluster, primary, well, now }: RecordQuestion): Promise<WatchRecord> {
  const ago = (ms: number): Reading => ({ clock: now.clock, ms: now.ms - ms });
  const [pause, holder, changes, kept] = await Promise.all([readPause(catalog, cluster), clusterHolder(catalog, cluster), listRoleChanges(catalog, cluster), readWell(catalog, cluster)]);
  const others = kept !== undefined && kept.primary === primary && kept.ageMs <= OTHERS_WELL_MS ? { at: ago(kept.ageMs), redundant: kept.redundant } : null;
  const known = well ?? others;
  const kind = holder === undefined ? null : await runKind(catalog, holder.operation);
  return {
    pause: pause === undefined || pause.resumedAgoMs !== null ? null : { by: pause.owner, reason: pause.reason, at: ago(pause.ageMs), forMs: pause.forMs },
    resumedAt: pause === undefined || pause.resumedAgoMs === null ? null : ago(pause.resumedAgoMs),
    lastHealthyAt: known?.at ?? null,
    redundantAtLoss: known?.redundant ?? false,
    // All others give way to a failover.
    otherOperation: holder !== undefined && kind !== null && ROLE_CHANGERS.includes(kind) ? `${holder.operation} (${holder.purpose})` : null,
    roleChanges: changes.map(({ ageMs, automatic }) => ({ at: ago(ageMs), automatic })),
  };
}
