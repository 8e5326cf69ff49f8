import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ServerAddress, TlsSettings } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { until } from '../support/bed-wait.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { uniqueName } from '../support/unique-name.ts';
import { openRoad, type Road } from '../zoo/road.ts';

/** Nobody gets in without TLS, on the source by password, on the target by certificate alone. */
const ONLY_TLS = ['hostnossl all all all reject'];
const BY_PASSWORD = [...ONLY_TLS, 'hostssl all all 127.0.0.1/32 scram-sha-256'];
const BY_CERTIFICATE = [...ONLY_TLS, 'hostssl all all 127.0.0.1/32 cert'];

let road: Road;
let ofSource: Certificates;
let ofTarget: Certificates;

beforeAll(async () => {
  [ofSource, ofTarget] = await Promise.all([makeCertificates(), makeCertificates()]);
  const serverTls = ({ cert, key, ca }: Certificates) => ({ cert, key, ca });
  road = await openRoad({ from: 15, source: { tls: serverTls(ofSource), hba: BY_PASSWORD }, target: { tls: serverTls(ofTarget), hba: BY_CERTIFICATE } });
});
afterAll(() => road[Symbol.asyncDispose]());

/** PEM texts as files of the migration's own folder, which the servers' account can read too. */
async function file(name: string, text: string): Promise<string> {
  const path = join(road.folder, uniqueName(name));
  await mkdir(road.folder, { recursive: true });
  await writeFile(path, text);
  return path;
}

const over = (server: ServerAddress, tls: TlsSettings): ServerAddress => ({ ...server, tls });

async function makeDatabase(): Promise<string> {
  const database = uniqueName('tls');
  const source = over(road.source.server, { mode: 'verify-full', ca: ofSource.ca });
  await using maintenance = await connect(source, { purpose: 'test' });
  await maintenance.execute(`CREATE DATABASE ${database}`);
  await using session = await connect(source, { purpose: 'test', database });
  await session.execute('CREATE TABLE public.t (id integer PRIMARY KEY, v text); INSERT INTO public.t SELECT n, n::text FROM generate_series(1, 1000) AS n');
  return database;
}

const target = async () => ({ password: undefined, tls: { mode: 'verify-full', ca: await file('ca', ofTarget.ca), cert: await file('cert', ofTarget.client.cert), key: await file('key', ofTarget.client.key.reveal()) } });

it('F60 a migration goes through where nobody gets in without TLS, by certificate too, the subscription included', async () => {
  const database = await makeDatabase();
  const ca = await file('ca', ofSource.ca);
  const servers = { source: { tls: { mode: 'verify-full', ca }, reachedFromTarget: { host: '127.0.0.1', tlsRootCert: ca } }, target: await target() };
  const source = over(road.source.server, { mode: 'verify-full', ca: ofSource.ca });
  let followed: { ssl: boolean }[] = [];
  const result = await road.migrate({
    database,
    servers,
    whileFollowing: async () => {
      await using session = await connect(source, { purpose: 'test', database });
      await session.execute('UPDATE public.t SET v = v || $1', ['x']);
      // The session that held the snapshot may still be there; it sends nothing.
      followed = await until('the subscription', async () => {
        const found = await session.rows<{ ssl: boolean }>("SELECT s.ssl FROM pg_stat_replication AS r JOIN pg_stat_ssl AS s USING (pid) WHERE r.state <> 'startup'");
        return found.length > 0 && found;
      });
    },
  });
  expect(result.proof).toMatchObject({ state: 'equal', rows: 1000 });
  expect(followed).toEqual([{ ssl: true }]);
});

it.each([
  ['an authority that did not sign the certificate', async () => ({ ca: await file('ca', ofTarget.ca) })],
  ['a name that is not in the certificate', async () => ({ ca: await file('ca', ofSource.ca), host: 'localhost' })],
])('F60 %s is tls_failed', async (_, given) => {
  const { ca, ...fields } = { host: '127.0.0.1', ...(await given()) };
  const servers = { source: { ...fields, tls: { mode: 'verify-full', ca } }, target: await target() };
  await expect(road.migrate({ database: 'postgres', servers })).rejects.toMatchObject({ code: 'tls_failed' });
});
