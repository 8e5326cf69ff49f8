/** What is asked of both servers in the same words. */
export interface ServerFacts {
  /** As printed, for example `15.18`. */
  readonly version: string;
  readonly major: number;
  /** The protocol of our own connection, for example `TLSv1.3`; null for plain text. */
  readonly tls: string | null;
  readonly inRecovery: boolean;
  /** From pg_control: the same on a primary and its standbys. Text, as it passes 2^53. */
  readonly systemIdentifier: string;
  /** When the postmaster started: differs between a primary and its standbys. */
  readonly startedAt: string;
}

/** The role we log in as, with what it may do through its memberships. */
export interface RoleFacts {
  readonly name: string;
  readonly superuser: boolean;
  /** REPLICATION, or a provider's role in its place. */
  readonly replication: boolean;
  readonly createDb: boolean;
  readonly createRole: boolean;
  readonly bypassRls: boolean;
  /** In pg_read_all_stats: sees what others are doing. */
  readonly readAllStats: boolean;
  readonly signalBackend: boolean;
  /** In pg_create_subscription, which exists from 16 on. */
  readonly createSubscription: boolean;
}

export interface DatabaseFacts {
  readonly name: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** `libc`, `icu` or `builtin`. */
  readonly provider: string;
  readonly owner: string;
  /** Whether our role owns it, itself or by membership. */
  readonly owned: boolean;
  readonly mayCreate: boolean;
  readonly bytes: number;
  /** Transactions since the oldest frozen row; 2^31 is the end. */
  readonly xidAge: number;
  readonly multixactAge: number;
}

/** Connections that a role which is no superuser can still open. */
export interface ConnectionFacts {
  readonly max: number;
  readonly used: number;
  /** The least of what the server, the database and the role leave free. */
  readonly free: number;
}

/** Two connections, side by side: whether both speak to one server, and whether each keeps its own session. */
export interface EndpointProof {
  readonly instances: readonly { readonly systemIdentifier: string; readonly startedAt: string }[];
  readonly sessionKept: boolean;
}

/** One row of pg_settings: the value in its own unit. */
export interface Setting {
  readonly value: string;
  readonly unit: string | null;
}

/** pg_settings by name, as far as our role may see it. */
export type Settings = Readonly<Record<string, Setting>>;

/** A setting as a number in the unit of pg_settings; undefined where this major does not have it. */
export function settingNumber(settings: Settings, name: string): number | undefined {
  const setting = settings[name];
  return setting === undefined ? undefined : Number(setting.value);
}
