import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { lookBeforeClone } from '../../../activities/cluster/clone/check-clone.ts';
import { clone } from '../../../activities/cluster/clone/clone-node.ts';
import { takeBack } from '../../../activities/cluster/clone/undo-clone.ts';
import { initialize } from '../../../activities/cluster/init-node.ts';
import type { NodeAgent } from '../../../agent/node-agent.ts';
import { OperationError } from '../../../domain/errors.ts';
import { passfileOf } from '../../../programs/cluster/passfile.ts';
import { verifyManifest } from '../../../programs/cluster/backup-manifest.ts';
import { takeBaseBackup } from '../../../programs/cluster/base-backup.ts';
import { writeConfiguration } from '../../../programs/cluster/node-configuration.ts';
import { type BareNodes, bareNodes } from '../../support/bare-nodes.ts';

const never = new AbortController().signal;

describe('a clone', () => {
  let bed: BareNodes;
  beforeAll(async () => {
    bed = await bareNodes({ names: ['n1', 'n2', 'n3'], nodes: { n2: { settings: { max_connections: 20 } }, n3: { applyDelay: '1h' } } });
    await initialize(bed.node('n1').agent, bed.order('init'), never);
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  it('HA45 is refused for a node whose settings are below those of the primary', async () => {
    const checks = await lookBeforeClone(bed.node('n2').agent, { ...bed.order(), source: 'n1', upstream: 'n1' }, never);
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([{ check: 'settings', reason: 'max_connections is 20, on the primary 40: the standby stops replaying or does not start.' }]);
  });

  it('holds every file against the manifest: a byte, a length, a file too many, a log that ends early', async () => {
    const { server } = bed.node('n2');
    const { agent } = bed.node('n1');
    const folder = `${server.dataDir}.trial`;
    const { host, port } = agent.self();
    await takeBaseBackup(server, { login: { host, port, user: 'replicator', password: agent.replicationPassword() }, folder, signal: never });
    await verifyManifest(server, folder, never);
    const file = join(folder, 'postgresql.conf');
    const text = await readFile(file);
    const damaged = Buffer.from(text);
    damaged.writeUInt8((damaged.readUInt8(100) + 1) % 256, 100);
    await writeFile(file, damaged);
    await expect(verifyManifest(server, folder, never)).rejects.toMatchObject({ code: 'clone_damaged', detail: expect.stringContaining('checksum') });
    await writeFile(file, text);
    await appendFile(file, '\n');
    await expect(verifyManifest(server, folder, never)).rejects.toMatchObject({ code: 'clone_damaged', detail: expect.stringContaining('bytes') });
    await writeFile(file, text);
    await writeFile(join(folder, 'base', 'stranger'), '');
    await expect(verifyManifest(server, folder, never)).rejects.toMatchObject({ code: 'clone_damaged', detail: expect.stringContaining('base/stranger') });
    await rm(join(folder, 'base', 'stranger'));
    const segments = (await readdir(join(folder, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
    for (const name of segments) await truncate(join(folder, 'pg_wal', name), 100);
    await expect(verifyManifest(server, folder, never)).rejects.toMatchObject({ code: 'clone_damaged', detail: expect.stringContaining('The log from') });
  });

  it('HA61 has its password beside the data directory, and nowhere in it', async () => {
    const { agent, server } = bed.node('n3');
    await clone(agent, { ...bed.order(), source: 'n1', upstream: 'n1' }, never);
    expect(await readFile(join(server.dataDir, 'postgresql.auto.conf'), 'utf8')).not.toContain(agent.replicationPassword()!.reveal().slice(5, 20));
    expect(await readFile(passfileOf(server), 'utf8')).toContain('replicator');
  });

  it('leaves nothing behind when it is taken back: no folder, no slot, no mark', async () => {
    const { agent, server } = bed.node('n2');
    const order = { ...bed.order('given-up'), source: 'n1', upstream: 'n1' };
    const stopping: NodeAgent = { ...agent, journal: { ...agent.journal, keep: async (change) => { await agent.journal.keep(change); throw new OperationError('interrupted', 'given up'); } } };
    await expect(clone(stopping, order, never)).rejects.toMatchObject({ code: 'interrupted' });
    expect(existsSync(`${server.dataDir}.pgconvoy-clone-given-up`)).toBe(true);
    expect(await takeBack(agent, order)).toEqual({ takenBack: true });
    expect(existsSync(`${server.dataDir}.pgconvoy-clone-given-up`)).toBe(false);
    expect(agent.journal.facts()).toMatchObject({ destructiveStep: null });
    await using session = await bed.node('n1').session();
    expect(await session.rows('SELECT slot_name AS name FROM pg_replication_slots')).toEqual([{ name: 'pgconvoy_n3' }]);
  });

  it('is kept behind as long as its entry says, and streams all the same', async () => {
    await using session = await bed.node('n3').session();
    expect(await session.row('SHOW recovery_min_apply_delay')).toEqual({ recovery_min_apply_delay: '1h' });
  });

  it('R83 shows what a configuration changes, keeps what was there, and changes nothing twice', async () => {
    const { server } = bed.node('n3');
    const hba = await readFile(join(server.dataDir, 'pg_hba.conf'), 'utf8');
    const settings = await readFile(join(server.dataDir, 'pgconvoy.conf'), 'utf8');
    const changes = await writeConfiguration(server, { settings: `${settings}work_mem = '9MB'\n`, hba });
    expect(changes).toEqual([{ file: 'pgconvoy.conf', diff: ["+ work_mem = '9MB'"], backup: 'pgconvoy.conf.before-pgconvoy' }]);
    expect(await readFile(join(server.dataDir, 'pgconvoy.conf.before-pgconvoy'), 'utf8')).toBe(settings);
    expect(await writeConfiguration(server, { settings: `${settings}work_mem = '9MB'\n`, hba })).toEqual([]);
  });
});
