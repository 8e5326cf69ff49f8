import { isExpected } from '../../domain/backup/smoke.ts';
import { OperationError } from '../../domain/errors.ts';
import { checkStructure, dropStructureChecks, planStructureChecks } from '../../postgres/backup/restored-state.ts';
import { askSmokeQuery } from '../../postgres/backup/smoke-query.ts';
import { connect } from '../../postgres/connection.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { checkStored } from './check-stored.ts';
import { compareRestored, type Comparison } from './compare-restored.ts';
import type { BackupPlace, OpenBackup } from './open-backup.ts';
import type { ProofEvidence } from './proof-evidence.ts';
import type { ProofPlace } from './prove-place.ts';
import { refusalOf } from './restore-faults.ts';
import { type Restored, restoreInto } from './restore-into.ts';

export interface SmokeWish {
  readonly name: string;
  readonly sql: string;
  readonly expect: string | number | boolean;
}

export interface ProofOrder {
  readonly runId: string;
  readonly backup: BackupPlace;
  readonly clients: (atLeastMajor: number) => Promise<PostgresInstallation>;
  /** Where to try it, opened once the store was found to be in order. */
  readonly open: (backup: OpenBackup) => Promise<ProofPlace>;
  readonly smoke: readonly SmokeWish[];
  readonly amcheck: boolean;
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly tell: (doing: string, bytes: number) => void;
}

export type ProofFindings = Pick<ProofEvidence, 'reasons' | 'where' | 'serverVersion' | 'seconds' | 'tables' | 'rows' | 'bytes' | 'largeObjects' | 'objects' | 'structures' | 'smoke' | 'notes'>;

/**
 * Tries a backup: reads all of it, restores it into a throwaway place, compares, asks. What is wrong with the backup is in the
 * reasons; what is wrong with anything else is thrown, and says nothing of the backup (B63).
 */
export async function proveWork(order: ProofOrder): Promise<ProofFindings> {
  const clock = new Stopwatch();
  const stored = await clock.time('download', () => checkStored({ ...order.backup, lanes: order.lanes, signal: order.signal, onProgress: (bytes, object) => order.tell(`reading ${object}`, bytes) }));
  const found = { ...NOTHING_YET, bytes: stored.bytes };
  if (stored.backup === undefined || stored.reasons.length > 0) return { ...found, reasons: stored.reasons, seconds: clock.seconds };
  const { backup } = stored;
  await using place = await order.open(backup);
  const serverVersion = await versionOf(place, backup);
  const here = { ...found, where: place.where, serverVersion };
  const restored = await clock.time('restore', () => restoreForProof(order, backup, place));
  if (typeof restored === 'string') return { ...here, reasons: restored.split('\n'), seconds: clock.seconds };
  const compared = await clock.time('compare', () => compareRestored({ job: restored.job, database: place.database, onProgress: (table, done, of) => order.tell(`comparing ${table}, ${done} of ${of}`, stored.bytes) }));
  const structures = order.amcheck ? await clock.time('structures', () => checkStructures(order, place)) : undefined;
  const smoke = await clock.time('smoke', () => askAll(order, place));
  const { source } = backup.manifest;
  const notes = [...restored.leftOut, ...(restored.collation === source.collation || restored.collation === '' ? [] : [`collation ${source.collation} is not on this machine: it was restored under ${restored.collation}`])];
  return { ...here, ...factsOf(compared), structures: structures?.checked ?? null, smoke: smoke.answers, notes, reasons: [...compared.reasons, ...(structures?.reasons ?? []), ...smoke.reasons], seconds: clock.seconds };
}

const NOTHING_YET = { reasons: [], where: 'nowhere', serverVersion: null, tables: 0, rows: 0, largeObjects: 0, objects: [], structures: null, smoke: [], notes: [] };

const factsOf = ({ tables, rows, largeObjects, objects }: Comparison) => ({ tables, rows, largeObjects, objects });

async function restoreForProof(order: ProofOrder, backup: OpenBackup, place: ProofPlace): Promise<Restored | string> {
  const { runId, clients, lanes, signal } = order;
  try {
    return await restoreInto({
      runId, backup, server: place.server, database: place.database, clients, lanes, signal,
      selection: { schemas: [], tables: [] },
      owners: true,
      privileges: true,
      missingRoles: 'create',
      stopJobs: false, // nothing runs them here, and the comparison wants their rows as they were
      ...(place.where === 'local' ? { orLocale: 'C' } : {}),
      tell: ({ doing, bytes }) => order.tell(doing, bytes),
    });
  } catch (error) {
    if (error instanceof OperationError && error.code === 'restore_incomplete') return [error.message, error.detail].filter(Boolean).join('\n');
    return refusalOf(error).reason;
  }
}

/** The text of a value may differ between majors, and would be taken for a damage. */
async function versionOf({ server }: ProofPlace, { backupId, manifest }: OpenBackup): Promise<string> {
  await using session = await connect(server, { purpose: 'proof' });
  const { serverMajor } = manifest.source;
  if (session.major === serverMajor) return (await session.row<{ version: string }>("SELECT pg_catalog.current_setting('server_version') AS version")).version;
  throw new OperationError('preflight_failed', `backup ${backupId} of PostgreSQL ${serverMajor} cannot be proven on server ${server.name}, which is ${session.major}`, { hint: 'Name a server of the same major under `proof.where` of the policy, or `local`.' });
}

/** Every page of every table, and every index against its table. */
async function checkStructures({ lanes, signal, tell }: ProofOrder, { server, database }: ProofPlace): Promise<{ checked: number; reasons: string[] } | undefined> {
  await using session = await connect(server, { purpose: 'proof', database });
  const planned = await planStructureChecks(session);
  if (planned === undefined) return undefined;
  const checked = planned.length;
  const reasons: string[] = [];
  const lane = async (): Promise<void> => {
    await using own = await connect(server, { purpose: 'proof', database });
    for (let one = planned.shift(); one !== undefined; one = planned.shift()) {
      signal.throwIfAborted();
      tell(`checking ${one.what} ${one.name}`, 0);
      const wrong = await checkStructure(own, one);
      if (wrong !== undefined) reasons.push(`${one.what} ${one.name} is not sound: ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await dropStructureChecks(session);
  return { checked, reasons };
}

async function askAll({ smoke, tell }: ProofOrder, { server, database }: ProofPlace): Promise<{ answers: ProofEvidence['smoke']; reasons: string[] }> {
  const answers: { name: string; expected: string; found: string | null }[] = [];
  const reasons: string[] = [];
  if (smoke.length === 0) return { answers, reasons };
  await using session = await connect(server, { purpose: 'proof', database });
  for (const { name, sql, expect } of smoke) {
    tell(`asking smoke query ${name}`, 0);
    const answer = await askSmokeQuery(session, sql).catch((error: unknown) => ({ refused: refusalOf(error).reason }));
    const found = typeof answer === 'object' && answer !== null ? null : answer;
    answers.push({ name, expected: String(expect), found });
    if (typeof answer === 'object' && answer !== null) reasons.push(`smoke query ${name}: ${answer.refused}`);
    else if (!isExpected(expect, answer)) reasons.push(`smoke query ${name}: expected ${expect}, found ${answer ?? 'nothing'}`);
  }
  return { answers, reasons };
}

/** Seconds of each part. */
class Stopwatch {
  readonly seconds: Record<string, number> = {};

  async time<T>(part: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const value = await work();
    this.seconds[part] = (performance.now() - began) / 1000;
    return value;
  }
}
