import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { appendAudit } from '../../catalog/audit.ts';
import { exportAudit } from '../../catalog/export-audit.ts';
import { openCatalog, type Catalog } from '../../catalog/open-catalog.ts';
import { verifyAudit } from '../../catalog/verify-audit.ts';
import { Secret } from '../../domain/secret.ts';
import { freshCatalog, type FreshCatalog } from './fresh-catalog.ts';

const append = (catalog: Catalog, number: number) =>
  appendAudit(catalog, { actor: 'ada', action: 'run.start', object: `migration m${number}`, runId: `r${number % 2}`, detail: { number, nested: { z: 1.5, a: [null, 'ü'] } }, result: 'done' });

describe('an audit of six events', () => {
  let fresh: FreshCatalog;
  beforeAll(async () => {
    fresh = await freshCatalog();
    for (let number = 1; number <= 6; number += 1) await append(fresh.catalog, number);
  });
  afterAll(() => fresh[Symbol.asyncDispose]());

  it('holds', async () => {
    const [last] = await latestAudit(fresh.catalog, { limit: 1 });
    expect(await verifyAudit(fresh.catalog)).toEqual({ rows: 6, head: { seq: 6, hash: last!.hash } });
  });

  it('is read by run, oldest first, the latest of them', async () => {
    expect((await latestAudit(fresh.catalog, { runId: 'r0', limit: 2 })).map(({ seq }) => seq)).toEqual([4, 6]);
  });

  it('is exported as lines that anyone can hash', async () => {
    const lines: string[] = [];
    await exportAudit(fresh.catalog, async (source) => {
      for await (const line of source) lines.push(line);
    });
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      // The keys of a line are sorted already, so what is left without the hash is the text that was hashed.
      const { hash, ...rest } = JSON.parse(line) as { hash: string };
      expect(createHash('sha256').update(JSON.stringify(rest)).digest('hex')).toBe(hash);
    }
  });

  it.each([
    `UPDATE pgconvoy.audit SET actor = 'eve' WHERE seq = 3`,
    'UPDATE pgconvoy.audit SET actor = actor WHERE false',
    'DELETE FROM pgconvoy.audit WHERE seq = 3',
    'TRUNCATE pgconvoy.audit',
    'DELETE FROM pgconvoy.audit_head',
    'TRUNCATE pgconvoy.audit_head',
    'UPDATE pgconvoy.audit_head SET seq = 3',
    `SET LOCAL session_replication_role = replica; DELETE FROM pgconvoy.audit`,
  ])('refuses %s', async (sql) => {
    await using session = await fresh.database.session();
    await expect(session.transaction(() => session.execute(sql))).rejects.toMatchObject({ context: { sqlstate: '23001' } });
  });

  /** What a superuser who switches the triggers off can do, and what is said of it. */
  const TAMPERING: readonly { deed: string; sql: string; says: { kind: string; seq: number }; expect?: 'head' }[] = [
    ...['event_id', 'actor', 'action', 'object', 'run_id', 'result', 'hash', 'previous_hash'].map((column) => ({
      deed: `edits ${column}`,
      sql: `UPDATE pgconvoy.audit SET ${column} = 'eve' WHERE seq = 3`,
      says: { kind: 'edited', seq: 3 },
    })),
    { deed: 'edits the time', sql: `UPDATE pgconvoy.audit SET at = at - interval '1 microsecond' WHERE seq = 3`, says: { kind: 'edited', seq: 3 } },
    { deed: 'edits the detail', sql: `UPDATE pgconvoy.audit SET detail = detail || '{"number": 0}' WHERE seq = 3`, says: { kind: 'edited', seq: 3 } },
    { deed: 'edits the first row', sql: `UPDATE pgconvoy.audit SET actor = 'eve' WHERE seq = 1`, says: { kind: 'edited', seq: 1 } },
    { deed: 'edits the last row', sql: `UPDATE pgconvoy.audit SET actor = 'eve' WHERE seq = 6`, says: { kind: 'edited', seq: 6 } },
    { deed: 'deletes the first row', sql: 'DELETE FROM pgconvoy.audit WHERE seq = 1', says: { kind: 'deleted', seq: 1 } },
    { deed: 'deletes a row', sql: 'DELETE FROM pgconvoy.audit WHERE seq = 3', says: { kind: 'deleted', seq: 3 } },
    { deed: 'deletes the last row', sql: 'DELETE FROM pgconvoy.audit WHERE seq = 6', says: { kind: 'deleted', seq: 6 } },
    { deed: 'deletes all rows', sql: 'DELETE FROM pgconvoy.audit', says: { kind: 'deleted', seq: 1 } },
    { deed: 'deletes the head', sql: 'DELETE FROM pgconvoy.audit_head', says: { kind: 'deleted', seq: 0 } },
    {
      deed: 'deletes a row and renumbers those behind it',
      sql: `DELETE FROM pgconvoy.audit WHERE seq = 3;
        UPDATE pgconvoy.audit SET seq = seq + 100 WHERE seq > 3; UPDATE pgconvoy.audit SET seq = seq - 101 WHERE seq > 100;
        UPDATE pgconvoy.audit_head SET seq = 5`,
      says: { kind: 'deleted', seq: 3 },
    },
    {
      deed: 'swaps two rows',
      sql: `UPDATE pgconvoy.audit SET seq = 100 WHERE seq = 3; UPDATE pgconvoy.audit SET seq = 3 WHERE seq = 4; UPDATE pgconvoy.audit SET seq = 4 WHERE seq = 100`,
      says: { kind: 'reordered', seq: 3 },
    },
    { deed: 'moves a row to the end', sql: 'UPDATE pgconvoy.audit SET seq = 7 WHERE seq = 3', says: { kind: 'reordered', seq: 3 } },
    {
      deed: 'puts a row at the end',
      sql: `INSERT INTO pgconvoy.audit SELECT 7, 'forged', at, actor, action, object, run_id, detail, result, hash, repeat('a', 64) FROM pgconvoy.audit WHERE seq = 6`,
      says: { kind: 'inserted', seq: 7 },
    },
    {
      deed: 'puts a row before the first',
      sql: `INSERT INTO pgconvoy.audit SELECT 0, 'forged', at, actor, action, object, run_id, detail, result, hash, repeat('a', 64) FROM pgconvoy.audit WHERE seq = 6`,
      says: { kind: 'inserted', seq: 0 },
    },
    {
      deed: 'puts a row between two, renumbering those behind it',
      sql: `UPDATE pgconvoy.audit SET seq = seq + 100 WHERE seq > 3; UPDATE pgconvoy.audit SET seq = seq - 99 WHERE seq > 100;
        INSERT INTO pgconvoy.audit SELECT 4, 'forged', at, actor, action, object, run_id, detail, result, hash, repeat('a', 64) FROM pgconvoy.audit WHERE seq = 3;
        UPDATE pgconvoy.audit_head SET seq = 7`,
      says: { kind: 'inserted', seq: 4 },
    },
    {
      deed: 'rewrites the whole audit to nothing, head and all',
      sql: `DELETE FROM pgconvoy.audit; UPDATE pgconvoy.audit_head SET seq = 0, hash = repeat('0', 64)`,
      says: { kind: 'deleted', seq: 6 },
      expect: 'head',
    },
  ];

  it.each(TAMPERING)('shows that a superuser $deed', async ({ sql, says, expect: expected }) => {
    const head = (await verifyAudit(fresh.catalog)).head;
    await using copy = await copyOf(fresh);
    await using session = await copy.database.session();
    await session.execute(`ALTER TABLE pgconvoy.audit DISABLE TRIGGER ALL; ALTER TABLE pgconvoy.audit_head DISABLE TRIGGER ALL; ${sql}`);
    expect((await verifyAudit(copy.catalog, expected === undefined ? undefined : head)).broken).toMatchObject(says);
  });
});

/** The rows and the head of an audit in a catalog of their own, to be tampered with. */
async function copyOf(original: FreshCatalog): Promise<FreshCatalog> {
  const copy = await freshCatalog();
  await using from = await original.database.session();
  await using to = await copy.database.session();
  const { rows } = await from.row<{ rows: unknown }>('SELECT jsonb_agg(audit) AS rows FROM pgconvoy.audit');
  const head = await from.row<{ hash: string; seq: number }>('SELECT seq, hash FROM pgconvoy.audit_head');
  await to.execute('INSERT INTO pgconvoy.audit SELECT * FROM jsonb_populate_recordset(NULL::pgconvoy.audit, $1)', [JSON.stringify(rows)]);
  await to.execute('ALTER TABLE pgconvoy.audit_head DISABLE TRIGGER ALL');
  await to.execute('UPDATE pgconvoy.audit_head SET seq = $1, hash = $2', [head.seq, head.hash]);
  expect((await verifyAudit(copy.catalog)).broken).toBeUndefined();
  return copy;
}

it('stays one chain when eight sessions append at once', async () => {
  await using fresh = await freshCatalog();
  const others = await Promise.all([0, 1, 2].map(() => openCatalog(fresh.database.server, fresh.database.name)));
  const catalogs = [fresh.catalog, ...others];
  await Promise.all(Array.from({ length: 80 }, (_, number) => append(catalogs[number % 4]!, number)));
  expect(await verifyAudit(fresh.catalog)).toMatchObject({ rows: 80, head: { seq: 80 } });
  await Promise.all(others.map((catalog) => catalog.close()));
});

it('keeps an event once that is told twice, also at the same time', async () => {
  await using fresh = await freshCatalog();
  const event = { eventId: 'run r1 started', actor: 'ada', action: 'run.start', object: 'migration shop', result: 'done' } as const;
  const rows = await Promise.all([1, 2, 3].map(() => appendAudit(fresh.catalog, event)));
  expect(rows).toEqual([rows[0], rows[0], rows[0]]);
  expect(await verifyAudit(fresh.catalog)).toMatchObject({ rows: 1 });
});

it('gives back the place of an event that could not be appended', async () => {
  await using fresh = await freshCatalog();
  await append(fresh.catalog, 1);
  await expect(appendAudit(fresh.catalog, { actor: 'ada', action: 'a', object: 'o', result: null as never })).rejects.toThrow();
  await append(fresh.catalog, 2);
  expect(await verifyAudit(fresh.catalog)).toMatchObject({ rows: 2 });
});

it('keeps stars for a secret, and any text another program wrote', async () => {
  await using fresh = await freshCatalog();
  const row = await appendAudit(fresh.catalog, { actor: 'ada', action: 'a', object: 'o', detail: { password: new Secret('hunter2'), output: 'a\0b\ud800' }, result: 'failed' });
  expect(row.detail).toEqual({ password: '***', output: 'a\ufffdb\ufffd' });
  expect(await latestAudit(fresh.catalog, { limit: 1 })).toEqual([row]);
  expect((await verifyAudit(fresh.catalog)).broken).toBeUndefined();
});
