import type { ServerAddress, TlsMode } from '../../domain/server.ts';
import { conninfo } from '../quoting.ts';

/** How the target dials the source, where that differs from how we do. */
export interface SeenFromTarget {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A file on the target's host. */
  readonly tlsRootCert?: string | undefined;
}

/** `host:port` under which the target knows the source. */
export const addressFromTarget = (source: ServerAddress, seen: SeenFromTarget): string => `${seen.host ?? source.host}:${seen.port ?? source.port}`;

const VERIFYING: readonly TlsMode[] = ['verify-ca', 'verify-full'];

/** The connection string of a subscription on the target. It holds the password: keep it out of logs and errors. */
export function conninfoFromTarget(source: ServerAddress, database: string, seen: SeenFromTarget): string {
  const verifies = VERIFYING.includes(source.tls.mode);
  return conninfo({
    host: seen.host ?? source.host,
    port: seen.port ?? source.port,
    dbname: database,
    user: source.user,
    password: source.password?.reveal(),
    sslmode: source.tls.mode,
    sslrootcert: verifies ? seen.tlsRootCert : undefined,
  });
}
