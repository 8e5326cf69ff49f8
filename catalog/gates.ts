import { toJson } from '../domain/canonical-json.ts';
import type { Catalog } from './open-catalog.ts';

export type GateState = 'passed' | 'failed' | 'skipped' | 'reverted';

export interface GateRecord {
  readonly runId: string;
  readonly gate: string;
  /** 1 for the first; a cutover that was taken back and approved again is another attempt. */
  readonly attempt: number;
  readonly state: GateState;
  /** What was seen, so that the gate can be checked again by asking the servers alone. */
  readonly evidence: unknown;
}

/** Keeps the outcome of a gate; a gate that passed becomes the one the run stands at. The same attempt again replaces its row. */
export async function recordGate(catalog: Catalog, record: GateRecord): Promise<void> {
  await catalog.sessions.transaction(async (session) => {
    const upsert = `
      INSERT INTO pgconvoy.gate (run_id, gate, attempt, state, evidence)
      VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (run_id, gate, attempt) DO UPDATE
      SET state = excluded.state, evidence = excluded.evidence, at = clock_timestamp()`;
    await session.execute(upsert, [record.runId, record.gate, record.attempt, record.state, JSON.stringify(toJson(record.evidence))]);
    if (record.state === 'passed') await session.execute('UPDATE pgconvoy.run SET gate = $2 WHERE run_id = $1', [record.runId, record.gate]);
  });
}
