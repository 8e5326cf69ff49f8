import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startBedTemporal, type BedTemporal } from '../support/bed-temporal.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { inventoryFile } from '../config/inventory-file.ts';
import { callCommand } from './call-command.ts';

let folder: string;
let temporal: BedTemporal;
let fresh: FreshCatalog;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-schedule-'));
  temporal = await startBedTemporal(folder);
  fresh = await freshCatalog();
});
afterAll(async () => {
  await fresh[Symbol.asyncDispose]();
  await temporal.kill();
  await rm(folder, { recursive: true });
});

const inventoryWith = (schedule: string): string => inventoryFile(`
version: 1
servers: { shop: { host: nowhere, user: nobody } }
stores: { default: { kind: directory, path: /nowhere } }
backups: { nightly: { server: shop, databases: [shop], schedule: ${schedule} } }
`);

async function run(inventory: string, ...words: string[]) {
  const { server, name } = fresh.database;
  const PGCONVOY_CATALOG = `postgres://${server.user}:${encodeURIComponent(server.password?.reveal() ?? '')}@${server.host}:${server.port}/${name}`;
  return await callCommand(words, { PGCONVOY_INVENTORY: inventory, PGCONVOY_CATALOG, TEMPORAL_ADDRESS: temporal.address });
}

it('goes from a declaration to a schedule in force, with every order in the audit', async () => {
  const inventory = inventoryWith('{ cron: "30 3 * * *", timeZone: Europe/Berlin }');
  expect((await run(inventory, 'schedule', 'apply', '--dry-run')).stdout).toBe('nightly: would be put in force\n');
  expect((await run(inventory, 'schedule', 'list')).stdout).toMatch(/^nightly +not in force +- +- +run `pgconvoy schedule apply`$/m);
  expect((await run(inventory, 'schedule', 'apply', '--by', 'ada')).stdout).toBe('nightly: put in force\n');
  expect((await run(inventory, 'schedule', 'apply')).stdout).toBe('nightly: in force already\n');
  expect((await run(inventory, 'schedule', 'list')).stdout).toMatch(/^nightly +in force +\d{4}-\d\d-\d\d 0[12]:30 UTC +-$/m);
  await run(inventory, 'schedule', 'pause', 'nightly', '--reason', 'holidays', '--by', 'ada');
  expect((await run(inventory, 'schedule', 'list')).stdout).toMatch(/^nightly +paused +- +- +holidays \(ada\)$/m);
  await run(inventory, 'schedule', 'resume', 'nightly', '--by', 'ada');
  const { events } = JSON.parse((await run(inventory, 'audit', 'log', '--json')).stdout) as { events: { actor: string; action: string }[] };
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['ada schedule.apply', 'ada schedule.pause', 'ada schedule.resume']);
});

it('shows what differs, and names the night that a time zone does not have', async () => {
  const changed = inventoryWith('{ cron: "0 2 * * *", timeZone: Europe/Berlin }');
  const { stdout } = await run(changed, 'schedule', 'apply', '--dry-run');
  expect(stdout).toMatch(/^nightly: would be changed\n {2}cron: 30 3 \* \* \* → 0 2 \* \* \*\n! nightly makes no backup at 02:00 on \d{4}-03-\d\d: clocks in Europe\/Berlin are put forward over it\. Choose another hour\.\n$/);
  expect((await run(changed, 'schedule', 'list')).stdout).toMatch(/^nightly +differs/m);
});

it('takes instants with their zone only', async () => {
  const inventory = inventoryWith('{ cron: "@daily" }');
  expect(await run(inventory, 'schedule', 'backfill', 'nightly', '--from', '2026-11-01', '--to', '2026-11-02T00:00Z')).toMatchObject({ code: 2, stderr: expect.stringContaining('an instant with its zone') });
  expect(await run(inventory, 'schedule', 'trigger', 'nope')).toMatchObject({ code: 2, stderr: expect.stringContaining('has no schedule in force') });
});
