import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect, type Session } from '../../../postgres/connection.ts';
import { privateServer, type PrivateServer } from '../../support/cluster.ts';
import { freshDatabase, testServer, type FreshDatabase } from '../../support/postgres.ts';
import { uniqueName } from '../../support/unique-name.ts';
import { askBoth, problemsOf } from './ask-both.ts';

/** Everything on a server that outlives a session. */
const readTraces = (session: Session): Promise<object> =>
  session.row(`
    SELECT ARRAY(SELECT slot_name::text FROM pg_catalog.pg_replication_slots ORDER BY 1) AS slots,
           ARRAY(SELECT subname::text FROM pg_catalog.pg_subscription ORDER BY 1) AS subscriptions,
           ARRAY(SELECT roname FROM pg_catalog.pg_replication_origin ORDER BY 1) AS origins,
           ARRAY(SELECT datname::text FROM pg_catalog.pg_database ORDER BY 1) AS databases,
           ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles ORDER BY 1) AS roles,
           (SELECT count(*)::int FROM pg_catalog.pg_class WHERE relnamespace <> ALL (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_')) AS relations,
           (SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE application_name = 'pgconvoy_check') AS sessions`);

describe('preflight asks servers of their own', () => {
  let source: PrivateServer;
  let target: PrivateServer;

  beforeAll(async () => {
    source = await privateServer(18, {
      settings: { wal_level: 'replica', max_wal_senders: 1, max_replication_slots: 1, wal_sender_timeout: '5s', idle_replication_slot_timeout: '1h', max_slot_wal_keep_size: '1MB', max_prepared_transactions: 2 },
    });
    target = await privateServer(11, { settings: { max_logical_replication_workers: 0, wal_receiver_timeout: '5s' } });
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  it('finds what the settings of each forbid', async () => {
    const found = problemsOf(await askBoth({ source: source.server, target: target.server, database: 'template1', targetDatabase: 'absent' }));
    expect(found['source-wal-level']).toBe('wal_level is replica.');
    expect(found['source-trial-slot']).toContain('refused');
    expect(found).toMatchObject({
      'source-free-walsenders': expect.stringContaining('1 of 1'), // F49
      'source-spare-slot': expect.stringContaining('1 of 1'),
      'source-wal-sender-timeout': expect.stringContaining('5 s'), // F48
      'source-idle-slot-timeout': expect.stringContaining('60 min'), // F40
      'target-version': expect.stringContaining('the target 11.'),
      'target-logical-workers': expect.stringContaining('0 of 0'),
      'target-receiver-timeout': expect.stringContaining('5 s'),
    });
  });

  it('leaves no trace on either server', async () => {
    await using onSource = await connect(source.server, { purpose: 'test' });
    await using onTarget = await connect(target.server, { purpose: 'test' });
    const before = [await readTraces(onSource), await readTraces(onTarget)];
    await askBoth({ source: source.server, target: target.server, database: 'postgres', targetDatabase: 'postgres' });
    // A backend is gone a moment after its connection.
    await expect.poll(async () => [await readTraces(onSource), await readTraces(onTarget)], { timeout: 60_000 }).toEqual(before);
  });
});

describe.each([11, 18])('preflight tries a slot on PostgreSQL %i', (major) => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase(await testServer(major));
  });
  afterAll(() => database.drop());

  const ask = async (slotWaitMs: number) => {
    const target = await testServer(18);
    return await askBoth({ source: database.server, target, database: database.name, targetDatabase: uniqueName('absent'), slotWaitMs });
  };

  it('F39 names who is in the way after a bounded wait, and leaves no slot', async () => {
    await using blocker = await database.session();
    await blocker.execute('BEGIN; SELECT pg_catalog.txid_current()');
    await using watcher = await database.session();
    const report = await ask(1_500);
    expect(problemsOf(report)['source-trial-slot']).toContain(`pid ${blocker.pid} of postgres`);
    await expect
      .poll(() => watcher.rows(`SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE slot_name LIKE 'pgconvoy\\_trial%' AND database = $1`, [database.name]), { timeout: 60_000 })
      .toEqual([]);
    await blocker.execute('ROLLBACK');
  });

  it('F39 names a prepared transaction', async () => {
    await using session = await database.session();
    const gid = uniqueName('gid');
    await session.execute(`BEGIN; CREATE TABLE public.prepared (id int PRIMARY KEY); PREPARE TRANSACTION '${gid}'`);
    const found = problemsOf(await ask(1_000));
    await session.execute(`ROLLBACK PREPARED '${gid}'`);
    expect(found['source-prepared-transactions']).toContain(gid);
    expect(found['source-trial-slot']).toContain(gid);
  });
});

describe('preflight asks the target', () => {
  let source: FreshDatabase;
  let target: FreshDatabase;
  beforeAll(async () => {
    source = await freshDatabase(await testServer(11));
    target = await freshDatabase(await testServer(18));
  });
  afterAll(async () => {
    await source.drop();
    await target.drop();
  });
  const ask = (extra: object = {}) => askBoth({ source: source.server, target: target.server, database: source.name, targetDatabase: target.name, ...extra });

  it('finds nothing that blocks between empty databases, and lets the target dial the source', async () => {
    const report = await ask();
    expect(report.rules.find(({ id }) => id === 'target-reaches-source')?.evidence).toContain('logged in to 127.0.0.1');
    expect(report).toMatchObject({ blocking: 0, canProceed: true });
  });

  it('F60 says why the target does not reach the source, without a secret in it', async () => {
    const report = await ask({ seenFromTarget: { host: '127.0.0.1', port: 1 } });
    expect(problemsOf(report)['target-reaches-source']).toMatch(/127\.0\.0\.1:1: .*refused/);
    expect(JSON.stringify(report)).not.toContain(source.server.password!.reveal());
  });

  it('F38 names what is in the target already, and leftovers of ours apart', async () => {
    await using session = await target.session();
    await session.execute('CREATE TABLE public.here (id int); CREATE SCHEMA pgconvoy_old; CREATE TABLE pgconvoy_old.ledger (id int)');
    const found = problemsOf(await ask());
    await session.execute('DROP TABLE public.here; DROP SCHEMA pgconvoy_old CASCADE');
    expect(found['target-empty']).toContain('1 objects are in database');
    expect(found['target-empty']).toContain('public.here');
    expect(found['target-leftovers']).toContain('schema pgconvoy_old');
  });

  it('F44 finds a server that is the source itself', async () => {
    const same = await askBoth({ source: source.server, target: source.server, database: source.name, targetDatabase: source.name });
    expect(problemsOf(same)).toHaveProperty('target-is-another-database');
  });

  it('F60 reports a server that does not answer as a problem and every other answer as unknown', async () => {
    const report = await ask({ source: { ...source.server, port: 1 } });
    expect(problemsOf(report)).toHaveProperty('source-reachable');
    expect(report.rules.find(({ id }) => id === 'source-wal-level')?.state).toBe('could-not-look');
    expect(report.canProceed).toBe(false);
  });
});
