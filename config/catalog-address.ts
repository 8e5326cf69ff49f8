import { readFileSync } from 'node:fs';

import { OperationError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { TLS_MODES, type ServerAddress, type TlsMode } from '../domain/server.ts';
import { readEmbeddedFacts } from './embedded.ts';
import { baseDirOf, findInventory } from './find-inventory.ts';
import { loadInventory } from './inventory.ts';
import { resolveServer } from './resolve-server.ts';
import { resolveSecret } from './secrets.ts';
import { readSetting, SETTINGS } from './settings.ts';

export interface CatalogAddress {
  readonly address: ServerAddress;
  readonly database: string;
}

const DEFAULT_DATABASE = 'pgconvoy';

/**
 * Where the catalog is: what PGCONVOY_CATALOG says, else the one that `pgconvoy up` started. `inventoryFlag` is the
 * value of `--inventory`. Throws `catalog_unreachable` when there is neither, and what resolving the names in it throws.
 */
export function catalogAddress(inventoryFlag?: string): CatalogAddress {
  const setting = readSetting('catalog');
  if (setting === undefined) return embeddedCatalog();
  if (/^(env|file):/.test(setting)) return fromUrl(resolveSecret({ reference: setting, path: SETTINGS.catalog.env }, process.cwd()));
  if (/^postgres(ql)?:/.test(setting)) return fromUrl(new Secret(setting));
  const inventoryPath = findInventory(inventoryFlag);
  const [name = '', database = DEFAULT_DATABASE] = setting.split('/', 2);
  return { address: resolveServer(loadInventory(inventoryPath), name, baseDirOf(inventoryPath)), database };
}

function embeddedCatalog(): CatalogAddress {
  const facts = readEmbeddedFacts()?.catalog;
  if (facts === undefined) throw new OperationError('catalog_unreachable', 'there is no catalog yet', { detail: 'PGCONVOY_CATALOG is not set and `pgconvoy up` has not started one.' });
  const { host, port, user, database, passwordFile } = facts;
  const password = resolveSecret({ reference: `file:${passwordFile}`, path: 'the embedded catalog' }, '/');
  return { address: { name: 'catalog', host, port, user, password, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } }, database };
}

function fromUrl(secret: Secret): CatalogAddress {
  const url = URL.parse(secret.reveal());
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) throw invalid('is not a postgres:// URL');
  const mode = url.searchParams.get('sslmode') ?? 'prefer';
  if (!isTlsMode(mode)) throw invalid(`has an sslmode that is not one of ${TLS_MODES.join(', ')}`);
  const address: ServerAddress = {
    name: 'catalog',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username) || 'postgres',
    maintenanceDatabase: 'postgres',
    ...(url.password === '' ? {} : { password: new Secret(decodeURIComponent(url.password)) }),
    tls: { mode, ...readAuthority(url.searchParams.get('sslrootcert')) },
  };
  return { address, database: decodeURIComponent(url.pathname.slice(1)) || DEFAULT_DATABASE };
}

function readAuthority(file: string | null): { ca?: string } {
  if (file === null) return {};
  try {
    return { ca: readFileSync(file, 'utf8') };
  } catch {
    throw invalid('has an sslrootcert that cannot be read');
  }
}

const isTlsMode = (text: string): text is TlsMode => (TLS_MODES as readonly string[]).includes(text);

const invalid = (problem: string): OperationError => new OperationError('setting_invalid', `setting ${SETTINGS.catalog.env} ${problem}`, { context: { setting: SETTINGS.catalog.env } });
