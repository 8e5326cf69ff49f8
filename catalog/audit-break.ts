import { hashOf, type AuditRow } from './audit-row.ts';

export type BreakKind = 'edited' | 'deleted' | 'inserted' | 'reordered';

/** The first place at which the chain does not hold. */
export interface AuditBreak {
  readonly kind: BreakKind;
  /** The row that is wrong, or that is missing. */
  readonly seq: number;
  /** A full sentence. */
  readonly reason: string;
}

/** Rows around the one that is looked at. The chain holds up to and including `previous`. */
export interface AuditNeighbours {
  readonly beforePrevious: Link;
  readonly previous: Link;
  readonly row: AuditRow;
  /** The row after; absent at the end. */
  readonly next: AuditRow | undefined;
  /** The last row that was appended, as `audit_head` has it. */
  readonly head: Link;
}

/** As much of a row as its successor depends on. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Where rows that hold a hash now stand, wherever in the table that is. */
export interface AuditLookup {
  /** The row that carries this hash. */
  holder(hash: string): Promise<number | undefined>;
  /** The row that names this hash as the one before it. */
  follower(hash: string): Promise<number | undefined>;
}

/** Says what is wrong with a row, or undefined when it continues the chain. */
export async function findBreak(at: AuditNeighbours, lookup: AuditLookup): Promise<AuditBreak | undefined> {
  const { previous, row, head } = at;
  if (row.seq < 1 || row.seq > head.seq) return { kind: 'inserted', seq: row.seq, reason: `Row ${row.seq} was never appended: the audit goes from row 1 to row ${head.seq}.` };
  if (row.seq !== previous.seq + 1) return await findMissing(previous, lookup);
  const linked = row.previousHash === previous.hash;
  const intact = hashOf(row) === row.hash;
  if (linked && intact) return undefined;
  return linked ? contentBreak(at) : await linkBreak(at, { intact, lookup });
}

/** What became of the row after `last`: it stands elsewhere, or it is gone. */
export async function findMissing(last: Link, lookup: AuditLookup): Promise<AuditBreak> {
  const seq = last.seq + 1;
  const elsewhere = await lookup.follower(last.hash);
  if (elsewhere === undefined) return { kind: 'deleted', seq, reason: `Row ${seq} is missing.` };
  return { kind: 'reordered', seq, reason: `Row ${seq} now stands as row ${elsewhere}.` };
}

function contentBreak({ previous, row, next }: AuditNeighbours): AuditBreak {
  if (next?.previousHash === previous.hash) return { kind: 'inserted', seq: row.seq, reason: `Row ${row.seq} was put in: the row after it follows row ${previous.seq}.` };
  return { kind: 'edited', seq: row.seq, reason: `The content of row ${row.seq} does not give the hash it carries.` };
}

/** The row does not name the hash of the row before it: one of the two is not where, or what, it was. */
async function linkBreak({ beforePrevious, previous, row }: AuditNeighbours, { intact, lookup }: { intact: boolean; lookup: AuditLookup }): Promise<AuditBreak> {
  if (row.previousHash === beforePrevious.hash) return { kind: 'inserted', seq: previous.seq, reason: `Row ${previous.seq} was put in: row ${row.seq} follows row ${beforePrevious.seq}.` };
  if (hashOf({ ...row, previousHash: previous.hash }) === row.hash) return { kind: 'edited', seq: row.seq, reason: `The previous hash of row ${row.seq} was changed.` };
  const predecessor = await lookup.holder(row.previousHash);
  if (predecessor !== undefined) return { kind: 'reordered', seq: row.seq, reason: `Row ${row.seq} belongs behind row ${predecessor}.` };
  if (intact) return { kind: 'edited', seq: previous.seq, reason: `Row ${previous.seq} was changed and hashed anew: row ${row.seq} names another hash.` };
  return { kind: 'deleted', seq: row.seq, reason: `The row before row ${row.seq} is gone, and the rows behind it were renumbered.` };
}
