import { join } from 'node:path';
import { inject, expect, it } from 'vitest';
import { temporalProgram } from '../../config/program-folders.ts';
import { detachedPid, stopDetached } from '../../programs/detached-process.ts';
import { freePort, isListening } from '../../programs/ports.ts';
import { runProgram } from '../../programs/run-program.ts';
import { startTemporalServer } from '../../programs/temporal-server.ts';
import { testTemporal } from '../support/temporal.ts';

const program = temporalProgram() ?? 'temporal';

it('a Temporal server keeps its search attributes over a restart, and a second start finds it running', async () => {
  const folder = join(inject('runFolder'), 'own-temporal');
  const plan = {
    program,
    port: await freePort(),
    uiPort: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    searchAttributes: { PgconvoyPhase: 'Keyword' },
    logFile: join(folder, 'server.log'),
    pidFile: join(folder, 'process.json'),
  };
  const { address, uiUrl } = await startTemporalServer(plan);
  expect((await fetch(uiUrl as string)).status).toBe(200);
  const pid = await detachedPid(plan.pidFile);
  await startTemporalServer(plan);
  expect(await detachedPid(plan.pidFile)).toBe(pid);

  expect(await stopDetached(plan.pidFile)).toBe(true);
  expect(await isListening(plan.port)).toBe(false);
  await startTemporalServer(plan);
  const { stdout } = await runProgram({ program, args: ['operator', 'search-attribute', 'list', `--address=${address}`] });
  expect(stdout).toContain('PgconvoyPhase');
  await stopDetached(plan.pidFile);
});

it('says which port of Temporal is taken', async () => {
  const { address } = await testTemporal();
  const port = Number(address.split(':')[1]);
  const folder = join(inject('runFolder'), 'no-temporal');
  const files = { logFile: join(folder, 'log'), pidFile: join(folder, 'process.json') };
  await expect(startTemporalServer({ program, port, ...files })).rejects.toMatchObject({ code: 'port_in_use', context: { port } });
});
