import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { pgbouncerProgram } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import { openConsole } from '../../postgres/pgbouncer-console.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { type PgBouncer, startPgBouncer } from '../../programs/pgbouncer.ts';
import { freePort } from '../../programs/ports.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { gatherPoolerFacts } from '../../providers/pgbouncer-facts.ts';
import { type PgBouncerRoute, pgbouncerRoute } from '../../providers/pgbouncer-route.ts';
import { uniqueName } from '../support/unique-name.ts';

const there = pgbouncerProgram() !== undefined;
const PASSWORDS = { boss: new Secret('of the boss'), guest: new Secret('of the guest') };
const GOAL = { host: '127.0.0.1', port: 5599, database: 'shop' };
const NEVER = new AbortController().signal;

let folder: string;
let pooler: PgBouncer;

beforeAll(async () => {
  if (!there) return;
  folder = join(inject('runFolder'), uniqueName('pgbouncer'));
  await mkdir(folder);
  const databases = { shop: { host: '127.0.0.1', port: 5598, database: 'shop' } };
  const settings = { stats_users: 'guest' };
  pooler = await startPgBouncer({ program: pgbouncerProgram(), folder, port: await freePort(), databases, users: PASSWORDS, admins: ['boss'], settings, account: await serverAccount() });
});
afterAll(async () => {
  if (there) await stopDetached(pooler.pidFile);
});

const route = (fields: Partial<PgBouncerRoute> = {}): PgBouncerRoute => ({ kind: 'pgbouncer', host: pooler.host, port: pooler.port, user: 'boss', database: 'shop', configFile: pooler.configFile, ...fields });
const facts = (fields: Partial<PgBouncerRoute> = {}, password = PASSWORDS.boss) =>
  gatherPoolerFacts(route({ password: 'env:X', ...fields }), { source: { host: '127.0.0.1', port: 5598 }, secret: () => password });

describe.skipIf(!there)('a route through PgBouncer', () => {
  it('is known to preflight: who orders, where the entry leads, how it pools, whether the file can be written', async () => {
    expect(await facts()).toEqual({
      poolerConsole: {
        ok: {
          place: `127.0.0.1:${pooler.port}`,
          user: 'boss',
          admin: true,
          entry: { name: 'shop', host: '127.0.0.1', port: 5598, database: 'shop', paused: false },
          source: { host: '127.0.0.1', port: 5598 },
          poolModes: ['transaction'],
          queryWaitSeconds: 120,
        },
      },
      poolerFile: { ok: { path: pooler.configFile, absolute: true, writable: true, hasEntry: true } },
    });
  });

  it('is known to be unfit: a role that only looks, a wrong password, no such entry, no such file', async () => {
    expect((await facts({ user: 'guest' }, PASSWORDS.guest)).poolerConsole).toMatchObject({ ok: { admin: false } });
    expect((await facts({}, PASSWORDS.guest)).poolerConsole).toMatchObject({ failed: { code: 'route_failed', detail: expect.stringContaining('authentication failed') } });
    expect(await facts({ database: 'other' })).toMatchObject({ poolerConsole: { ok: { entry: null } }, poolerFile: { ok: { hasEntry: false } } });
    expect((await facts({ configFile: '/nowhere/pgbouncer.ini' })).poolerFile).toMatchObject({ ok: { writable: false } });
    expect((await facts({ port: 1 })).poolerConsole).toMatchObject({ failed: { code: 'route_failed' } });
  });

  it('is paused and resumed as often as one likes, also when it was not', async () => {
    const shop = pgbouncerRoute(route(), PASSWORDS.boss);
    const isPaused = async (): Promise<boolean | undefined> => {
      await using console = await openConsole({ ...route(), password: PASSWORDS.boss });
      return (await console.entry('shop'))?.paused;
    };
    await shop.resume();
    await shop.pause(NEVER);
    await shop.pause(NEVER);
    expect(await isPaused()).toBe(true);
    await shop.resume();
    await shop.resume();
    expect(await isPaused()).toBe(false);
  });

  it('is pointed elsewhere in a file that keeps its owner and its mode', async () => {
    const before = await stat(pooler.configFile);
    await pgbouncerRoute(route(), PASSWORDS.boss).point(GOAL);
    const after = await stat(pooler.configFile);
    expect([after.uid, after.gid, after.mode]).toEqual([before.uid, before.gid, before.mode]);
    expect(await readFile(pooler.configFile, 'utf8')).toContain("shop = host='127.0.0.1' port=5599 dbname='shop'");
    expect((await facts()).poolerConsole).toMatchObject({ ok: { entry: { port: 5599 } } });
    await pgbouncerRoute(route(), PASSWORDS.boss).point(GOAL);
  });

  it('fails when PgBouncer reads another file, or may not read its own', async () => {
    const other = join(folder, 'other.ini');
    await writeFile(other, await readFile(pooler.configFile, 'utf8'));
    const elsewhere = { ...GOAL, port: 5600 };
    await expect(pgbouncerRoute(route({ configFile: other }), PASSWORDS.boss).point(elsewhere)).rejects.toMatchObject({ code: 'route_failed', detail: expect.stringContaining('5599') });
    if (process.getuid?.() !== 0) return;
    await chown(pooler.configFile, 0, 0);
    await expect(pgbouncerRoute(route(), PASSWORDS.boss).point(elsewhere)).rejects.toMatchObject({ code: 'route_failed' });
  });
});
