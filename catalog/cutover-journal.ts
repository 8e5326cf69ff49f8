import { toJson } from '../domain/canonical-json.ts';
import type { Catalog } from './open-catalog.ts';

/** The steps of a window that decide what a crash leaves behind, in their order. */
export const CUTOVER_STEPS = ['fencing', 'point-of-no-return', 'switched', 'reverted'] as const;
export type CutoverStep = (typeof CUTOVER_STEPS)[number];

export interface CutoverEntry {
  readonly attempt: number;
  readonly step: CutoverStep;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Writes a step down; durable when it returns. The same step of an attempt again keeps the first. */
export async function writeCutoverStep(catalog: Catalog, runId: string, entry: CutoverEntry): Promise<void> {
  await catalog.sessions.use((session) =>
    session.execute(
      `INSERT INTO pgconvoy.cutover_step (run_id, attempt, step, facts) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [runId, entry.attempt, entry.step, JSON.stringify(toJson(entry.facts))],
    ),
  );
}

/** Every step of every attempt, in order. */
export async function readCutoverJournal(catalog: Catalog, runId: string): Promise<CutoverEntry[]> {
  return await catalog.sessions.use((session) =>
    session.rows<CutoverEntry>('SELECT attempt, step, facts FROM pgconvoy.cutover_step WHERE run_id = $1 ORDER BY attempt, at', [runId]),
  );
}
