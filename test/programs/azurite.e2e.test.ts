import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort, isListening } from '../../programs/ports.ts';

it('Azurite serves blobs on loopback until it is stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
  const plan = { port: await freePort(), dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile: join(folder, 'pid') };
  try {
    const url = await startAzurite(plan);
    expect((await fetch(`${url}/devstoreaccount1?comp=list`)).status).toBe(403);
    expect(await stopDetached(plan.pidFile)).toBe(true);
    expect(await isListening(plan.port)).toBe(false);
  } finally {
    await stopDetached(plan.pidFile);
    await rm(folder, { recursive: true, force: true });
  }
});
