/** Where the probe dials, as the application does: one address, or the hosts of a connection string. */
import type { Secret } from '../../domain/secret.ts';
import type { TlsSettings } from '../../domain/server.ts';

export interface ProbeRoute {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password?: Secret;
  readonly database: string;
  readonly tls: TlsSettings;
  readonly limits: ProbeLimits;
}

export interface ProbeLimits {
  /** From the dial to the first answer; libpq's connect_timeout. */
  readonly connectMs: number;
  /** Of a statement; then its connection is cut, as tcp_user_timeout does. */
  readonly queryMs: number;
}

export const DEFAULT_LIMITS: ProbeLimits = { connectMs: 1000, queryMs: 2000 };
