import { didYouMean } from '../domain/did-you-mean.ts';
import { OperationError } from '../domain/errors.ts';

/** What the operator of a process can set, by environment only: what belongs to servers and migrations is in the inventory. */
interface SettingRow {
  readonly env: `PGCONVOY_${string}`;
  readonly kind: 'text' | 'port' | { readonly oneOf: readonly string[] };
  /** Absent: the sentence says what happens then. */
  readonly default?: string;
  /** The value may hold a password and is never shown. */
  readonly secret?: true;
  readonly sentence: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export const SETTINGS = {
  inventory: { env: 'PGCONVOY_INVENTORY', kind: 'text', default: 'pgconvoy.yaml', sentence: 'The inventory file; the flag `--inventory` goes before it.' },
  catalog: {
    env: 'PGCONVOY_CATALOG',
    kind: 'text',
    secret: true,
    sentence:
      'Where the catalog is: `server/database` with a server of the inventory, or a postgres:// URL, or a secret reference (`env:NAME`, `file:/path`) to one. Default: the one that `pgconvoy up` started.',
  },
  logLevel: { env: 'PGCONVOY_LOG_LEVEL', kind: { oneOf: LOG_LEVELS }, default: 'info', sentence: 'The least severity that workers log.' },
  temporalPort: { env: 'PGCONVOY_TEMPORAL_PORT', kind: 'port', default: '7233', sentence: 'Port of the embedded Temporal server.' },
  temporalUiPort: { env: 'PGCONVOY_TEMPORAL_UI_PORT', kind: 'port', default: '8233', sentence: 'Port of the web page of the embedded Temporal server.' },
  catalogPort: { env: 'PGCONVOY_CATALOG_PORT', kind: 'port', default: '5460', sentence: 'Port of the embedded catalog cluster.' },
  storePort: { env: 'PGCONVOY_STORE_PORT', kind: 'port', default: '10000', sentence: 'Port of the embedded object store (Azurite).' },
  tools: { env: 'PGCONVOY_TOOLS', kind: 'text', sentence: 'Folder of installed programs. Default: /var/cache/pgconvoy for root, else ~/.cache/pgconvoy.' },
  state: { env: 'PGCONVOY_STATE', kind: 'text', sentence: 'Folder of what `pgconvoy up` started. Default: /var/lib/pgconvoy for root, else ~/.local/state/pgconvoy.' },
  postgresPrograms: { env: 'PGCONVOY_PG_BIN', kind: 'text', sentence: 'Folders with the programs of PostgreSQL, separated like PATH; they are looked at first.' },
} as const satisfies Record<string, SettingRow>;

export type SettingName = keyof typeof SETTINGS;
type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a setting, or undefined when it is neither set nor has a default. Throws `setting_invalid`. */
export function readSetting(name: SettingName, environment: Environment = process.env): string | undefined {
  const row: SettingRow = SETTINGS[name];
  const value = environment[row.env] || row.default;
  const problem = value === undefined ? undefined : problemOf(row, value);
  if (problem === undefined) return value;
  throw new OperationError('setting_invalid', `setting ${row.env} ${problem.message}`, { hint: problem.hint, context: { setting: row.env } });
}

/** A port setting, as a number. Throws `setting_invalid`. */
export const readPort = (name: PortName, environment: Environment = process.env): number => Number(readSetting(name, environment));

/** Each setting's variable with the value in force; null when there is none, stars for what may hold a password. */
export function shownSettings(environment: Environment = process.env): Record<string, string | null> {
  const rows: [SettingName, SettingRow][] = Object.entries(SETTINGS) as [SettingName, SettingRow][];
  return Object.fromEntries(
    rows.map(([name, row]) => {
      const value = readSetting(name, environment);
      return [row.env, value !== undefined && row.secret === true ? '***' : (value ?? null)];
    }),
  );
}

type PortName = { [Name in SettingName]: (typeof SETTINGS)[Name]['kind'] extends 'port' ? Name : never }[SettingName];

function problemOf(row: SettingRow, value: string): { message: string; hint?: string } | undefined {
  if (row.kind === 'text') return undefined;
  if (row.kind === 'port') {
    const valid = /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
    return valid ? undefined : { message: `is "${value}", not a port number`, hint: 'Ports go from 1 to 65535.' };
  }
  if (row.kind.oneOf.includes(value)) return undefined;
  const meant = didYouMean(value, row.kind.oneOf);
  return { message: `is "${value}", not one of ${row.kind.oneOf.join(', ')}`, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) };
}
