import type { Session } from '../postgres/connection.ts';
import { findBreak, findMissing, type AuditBreak, type AuditLookup, type AuditNeighbours, type Link } from './audit-break.ts';
import { FIRST_LINK, type AuditRow } from './audit-row.ts';
import { allRows } from './audit-rows.ts';
import type { Catalog } from './open-catalog.ts';

export interface AuditVerdict {
  /** Rows that follow one another from the first on. */
  readonly rows: number;
  /** The end of the chain. Kept elsewhere, it proves later that nothing up to here was rewritten. */
  readonly head: Link;
  readonly broken?: AuditBreak;
}

/**
 * Walks the whole chain and names the first row that breaks it. Who may rewrite every row can also hash every row anew,
 * so the chain alone proves nothing against the owner of the database; `expected`, a head that was noted down elsewhere,
 * does.
 */
export function verifyAudit(catalog: Catalog, expected?: Link): Promise<AuditVerdict> {
  // One snapshot, so that what others append meanwhile is not taken for damage.
  return catalog.sessions.transaction(async (session) => {
    const verdict = await walk(session);
    const rewritten = verdict.broken === undefined && expected !== undefined ? await findRewrite(session, expected) : undefined;
    return rewritten === undefined ? verdict : { ...verdict, broken: rewritten };
  }, 'ISOLATION LEVEL REPEATABLE READ READ ONLY');
}

async function walk(session: Session): Promise<AuditVerdict> {
  const head = await session.maybeRow<Link>('SELECT seq, hash FROM pgconvoy.audit_head');
  if (head === undefined) return { rows: 0, head: FIRST_LINK, broken: { kind: 'deleted', seq: 0, reason: 'The head of the chain is missing.' } };
  const lookup = lookupIn(session);
  let neighbours: Pick<AuditNeighbours, 'beforePrevious' | 'previous'> = { beforePrevious: FIRST_LINK, previous: FIRST_LINK };
  for await (const [row, next] of rowsWithNext(session)) {
    const broken = await findBreak({ ...neighbours, row, next, head }, lookup);
    if (broken !== undefined) return { rows: neighbours.previous.seq, head, broken };
    neighbours = { beforePrevious: neighbours.previous, previous: row };
  }
  const broken = await findLostEnd(neighbours.previous, head, lookup);
  return { rows: neighbours.previous.seq, head, ...(broken === undefined ? {} : { broken }) };
}

/** Whether the last row that is there is the last that was appended. */
async function findLostEnd(last: Link, head: Link, lookup: AuditLookup): Promise<AuditBreak | undefined> {
  if (last.seq < head.seq) return await findMissing(last, lookup);
  if (last.hash === head.hash) return undefined;
  return { kind: 'edited', seq: last.seq, reason: `Row ${last.seq} was changed and hashed anew: the head names another hash.` };
}

async function findRewrite(session: Session, expected: Link): Promise<AuditBreak | undefined> {
  if (expected.seq === FIRST_LINK.seq) return undefined; // the head of an empty audit, which everything follows
  const row = await session.maybeRow<{ hash: string }>('SELECT hash FROM pgconvoy.audit WHERE seq = $1', [expected.seq]);
  if (row === undefined) return { kind: 'deleted', seq: expected.seq, reason: `Row ${expected.seq}, which is expected, is missing.` };
  if (row.hash === expected.hash) return undefined;
  return { kind: 'edited', seq: expected.seq, reason: `Row ${expected.seq} does not carry the hash that is expected: it, or a row before it, was rewritten.` };
}

/** Every row with the one after it, read page by page. */
async function* rowsWithNext(session: Session): AsyncGenerator<[AuditRow, AuditRow | undefined]> {
  let waiting: AuditRow | undefined;
  for await (const row of allRows(session)) {
    if (waiting !== undefined) yield [waiting, row];
    waiting = row;
  }
  if (waiting !== undefined) yield [waiting, undefined];
}

const lookupIn = (session: Session): AuditLookup => ({
  holder: async (hash) => (await session.maybeRow<{ seq: number }>('SELECT seq FROM pgconvoy.audit WHERE hash = $1', [hash]))?.seq,
  follower: async (hash) => (await session.maybeRow<{ seq: number }>('SELECT seq FROM pgconvoy.audit WHERE previous_hash = $1', [hash]))?.seq,
});
