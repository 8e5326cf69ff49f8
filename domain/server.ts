import type { Secret } from './secret.ts';

/** libpq's names for how far TLS is demanded. */
export const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsSettings {
  readonly mode: TlsMode;
  /** PEM text of the authority; demanded by the two verifying modes. */
  readonly ca?: string;
  /** PEM text of the client's certificate and key, for certificate authentication. */
  readonly cert?: string;
  readonly key?: Secret;
}

/** A server as it is dialled: resolved from the inventory at the last moment, never stored or sent anywhere. */
export interface ServerAddress {
  /** Inventory name, the only thing that errors and histories show. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The database for questions about the server itself; it stays open while another one is fenced. */
  readonly maintenanceDatabase: string;
  readonly password?: Secret;
  readonly tls: TlsSettings;
}
