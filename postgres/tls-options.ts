import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';

import type { TlsSettings } from '../domain/server.ts';

/** What Node's TLS is to demand of a server, for each of libpq's modes. */
export function tlsOptions(tls: TlsSettings, host: string): ConnectionOptions {
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  return {
    rejectUnauthorized: verifies,
    // An address is no server name (RFC 6066); the identity is checked against it all the same.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    checkServerIdentity: (_name, certificate) => (tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined),
  };
}
