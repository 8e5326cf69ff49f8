import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { Secret } from '../../domain/secret.ts';
import { runProgram } from '../../programs/run-program.ts';

export interface Certificates {
  /** PEM of the authority. */
  readonly ca: string;
  /** PEM of a certificate it signed for a host name or address, and its key. */
  readonly cert: string;
  readonly key: Secret;
  /** Of the authority, for a role that logs in by certificate; the name of the role is in it. */
  readonly client: { readonly cert: string; readonly key: Secret };
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Makes an authority and a server certificate with openssl. `host`: a subject alternative name, `IP:127.0.0.1` or `DNS:…`. */
export async function makeCertificates(host = 'IP:127.0.0.1', role = 'postgres'): Promise<Certificates> {
  const folder = await mkdtemp(join(inject('runFolder'), 'certificates-'));
  const openssl = (...args: string[]) => runProgram({ program: 'openssl', args, cwd: folder });
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  try {
    await openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority');
    await openssl('req', ...KEY.slice(0, -2), '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=test server');
    await writeFile(join(folder, 'names'), `subjectAltName=${host}`);
    await openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'server.crt');
    await openssl('req', ...KEY.slice(0, -2), '-keyout', 'client.key', '-out', 'client.csr', '-subj', `/CN=${role}`);
    await openssl('x509', '-req', '-in', 'client.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-out', 'client.crt');
    const client = { cert: await text('client.crt'), key: new Secret(await text('client.key')) };
    return { client, ca: await text('ca.crt'), cert: await text('server.crt'), key: new Secret(await text('server.key')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
