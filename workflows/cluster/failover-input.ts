import { z } from 'zod';

import type { LossEvidence } from '../../domain/cluster/failover/incident.ts';

const requestedBy = z.string().min(1).default('unknown').describe('Who asks; kept in the audit.');
const cluster = z.string().min(1).describe('A name under `clusters` of the inventory.');

export const failOverClusterInput = z.strictObject({
  cluster,
  to: z.string().min(1).optional().describe('The node to promote; default: whichever is best.'),
  force: z.boolean().default(false).describe('Also when the primary is seen to serve: it is fenced first.'),
  acceptLoss: z.boolean().default(false).describe('Also when acknowledged commits may be lost.'),
  consent: z.string().optional().describe('The name of the cluster, typed: promote although nothing proves that the old primary has stopped.'),
  requestedBy,
  evidence: z.custom<LossEvidence>((value) => typeof value === 'object' && value !== null).optional().describe('Internal: what the watcher saw.'),
});

export type FailOverClusterInput = z.input<typeof failOverClusterInput>;
export type FailOverClusterOrder = z.output<typeof failOverClusterInput>;

export const watchClusterInput = z.strictObject({
  cluster,
  requestedBy,
  state: z.custom<WatchCarried>((value) => typeof value === 'object' && value !== null).optional().describe('Internal: carried on from the run before.'),
});

/** What a watch takes along when it continues as new. */
export interface WatchCarried {
  readonly alert: string | null;
  readonly restartTried: boolean;
  /** Failovers of this incident that changed nothing. */
  readonly inVain: number;
  readonly struckOff: readonly string[];
  readonly failovers: number;
  readonly failover: string | null;
  readonly lastEnd: string | null;
}

export type WatchClusterInput = z.input<typeof watchClusterInput>;
