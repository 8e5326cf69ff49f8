import { toJson } from '../../domain/canonical-json.ts';
import type { RunEvent } from '../../domain/cluster/run/machine.ts';
import type { Session } from '../../postgres/connection.ts';
import type { Catalog } from '../open-catalog.ts';
import { isoText } from '../timestamps.ts';

export interface KeptStep extends RunEvent {
  readonly facts: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly at: string;
}

/** Adds to the journal of a run; durable when it resolves. */
export const keepStep = (catalog: Catalog, runId: string, event: RunEvent & { readonly facts?: unknown }): Promise<void> => catalog.sessions.use((session) => keepStepOver(session, runId, event));

/** The same over a connection that is open already. */
export async function keepStepOver(session: Session, runId: string, { step, phase, facts }: RunEvent & { readonly facts?: unknown }): Promise<void> {
  await session.execute('INSERT INTO pgconvoy.cluster_step (run_id, step, phase, facts) VALUES ($1, $2, $3, $4)', [runId, step, phase, JSON.stringify(toJson(facts ?? {}))]);
}

/** The journal, in order. */
export const readSteps = (catalog: Catalog, runId: string): Promise<KeptStep[]> =>
  catalog.sessions.use((session) => session.rows<KeptStep>(`SELECT step, phase, facts, ${isoText('at')} AS at FROM pgconvoy.cluster_step WHERE run_id = $1 ORDER BY seq`, [runId]));
