import type { ManifestTable } from '../../domain/backup/manifest.ts';
import { countLargeObjects, digestLargeObject } from '../../postgres/backup/restored-large-objects.ts';
import { listExtensionTables } from '../../postgres/backup/restored-activity.ts';
import { listInvalidIndexes, listUnvalidated } from '../../postgres/backup/restored-state.ts';
import { findObjects, type ObjectCount } from '../../postgres/backup/restored-objects.ts';
import type { Session } from '../../postgres/connection.ts';
import { digestCopy } from '../../postgres/copy/digest-copy.ts';
import { SessionPool } from '../../postgres/pool.ts';
import { quoteIdent, quoteLiteral, quoteName } from '../../postgres/quoting.ts';
import type { RestoreJob } from './restore-target.ts';
import { readLargeObjectList } from './restore-rows.ts';

export interface ComparisonOrder {
  readonly job: RestoreJob;
  readonly database: string;
  readonly onProgress: (table: string, done: number, of: number) => void;
}

export interface Comparison {
  readonly reasons: readonly string[];
  readonly tables: number;
  readonly rows: number;
  readonly largeObjects: number;
  readonly objects: readonly ObjectCount[];
}

/** Compares a restored database with the manifest and with the list of the archive: rows one by one, in their order, by hash. */
export async function compareRestored(order: ComparisonOrder): Promise<Comparison> {
  const { job, database } = order;
  await using pool = new SessionPool(job.server, { purpose: `proof_${job.runId}`, database, size: job.lanes, settings: { synchronize_seqscans: 'off', xmloption: 'content' } });
  const tables = await compareTables(order, pool);
  return await pool.use(async (session) => {
    const objects = await findObjects(session, job.toc.entries.filter(({ id }) => job.chosen.has(id)));
    const largeObjects = await compareLargeObjects(job, session);
    const reasons = [...tables.reasons, ...objects.missing, ...largeObjects, ...(await unsound(job, session))];
    return { reasons, tables: tables.tables, rows: tables.rows, largeObjects: job.backup.manifest.largeObjects, objects: objects.counts };
  });
}

async function compareTables({ job, onProgress }: ComparisonOrder, pool: SessionPool): Promise<{ reasons: string[]; tables: number; rows: number }> {
  const ofExtensions = await pool.use(listExtensionTables);
  const bytes = new Map(job.backup.manifest.files.map(({ name, rawBytes }) => [name, rawBytes]));
  const tables = job.backup.manifest.tables.filter(({ file }) => job.stream || file !== null).toSorted((one, other) => (bytes.get(one.file!) ?? 0) - (bytes.get(other.file!) ?? 0));
  const total = tables.length;
  const reasons: string[] = [];
  let [rows, done] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let table = tables.pop(); table !== undefined; table = tables.pop()) {
      const one = table;
      onProgress(`${one.schema}.${one.name}`, done, total);
      const digest = await pool.use((session) => digestCopy(session, copyStatement(one, job.toc.encoding), job.signal));
      rows += digest.rows;
      done += 1;
      reasons.push(...differences(one, digest, ofExtensions.has(`${one.schema}.${one.name}`)));
    }
  };
  await Promise.all(Array.from({ length: job.lanes }, lane));
  return { reasons, tables: total, rows };
}

const copyStatement = ({ schema, name, columns }: ManifestTable, encoding: string): string =>
  `COPY ${quoteName(schema, name)}${columns.length === 0 ? '' : ` (${columns.map(quoteIdent).join(', ')})`} TO STDOUT WITH (ENCODING ${quoteLiteral(encoding)})`;

/** A table of an extension has the rows that come with the extension as well, and only some of its rows are in a dump. */
function differences(table: ManifestTable, found: { readonly rows: number; readonly sha256: string }, ofExtension: boolean): string[] {
  const name = `table ${table.schema}.${table.name}`;
  if (ofExtension) return found.rows >= table.rows ? [] : [`${name}: expected at least ${table.rows} rows, found ${found.rows}`];
  if (found.rows !== table.rows) return [`${name}: expected ${table.rows} rows, found ${found.rows}`];
  return table.contentSha256 === null || found.sha256 === table.contentSha256 ? [] : [`${name}: its content differs: expected SHA-256 ${table.contentSha256}, found ${found.sha256}`];
}

async function compareLargeObjects(job: RestoreJob, session: Session): Promise<string[]> {
  const { manifest } = job.backup;
  const count = await countLargeObjects(session);
  const reasons = count === manifest.largeObjects ? [] : [`large objects: expected ${manifest.largeObjects}, found ${count}`];
  for (const { work } of job.steps) {
    if (work.kind !== 'large-objects') continue;
    for (const { oid, file } of await readLargeObjectList(job, work.list)) {
      job.signal.throwIfAborted();
      const [expected, found] = [job.backup.fileNamed(file).rawSha256, await digestLargeObject(session, oid)];
      if (found !== expected) reasons.push(`large object ${oid}: expected SHA-256 ${expected}, found ${found ?? 'no such object'}`);
    }
  }
  return reasons;
}

/** Constraints that the source had checked are to be checked here as well, and no index may be unusable. */
async function unsound({ toc }: RestoreJob, session: Session): Promise<string[]> {
  const open = new Set(toc.entries.filter(({ kind, definition }) => kind.endsWith('CONSTRAINT') && / NOT VALID;\s*$/.test(definition)).map(({ schema, tag }) => `${schema}.${tag}`));
  const unvalidated = (await listUnvalidated(session)).filter((name) => !open.has(name));
  return [...unvalidated.map((name) => `constraint ${name} is not validated`), ...(await listInvalidIndexes(session)).map((name) => `index ${name} cannot be used`)];
}
