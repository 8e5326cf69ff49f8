import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { ServerAddress, TlsSettings } from '../domain/server.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory, ServerEntry } from './inventory-schema.ts';
import { resolveSecret } from './secrets.ts';

/** A server of the inventory as it is dialled, with its secret and TLS files read now. Throws `name_unknown`, `secret_missing`, `inventory_invalid`. */
export function resolveServer(inventory: Inventory, name: string, baseDir: string): ServerAddress {
  const { host, port, user, maintenanceDatabase, password, tls } = entryNamed('server', inventory.servers, name);
  const path = `servers.${name}`;
  return {
    name,
    host,
    port,
    user,
    maintenanceDatabase,
    ...(password === undefined ? {} : { password: resolveSecret({ reference: password, path: `${path}.password` }, baseDir) }),
    tls: readTls(tls, { path: `${path}.tls`, baseDir }),
  };
}

interface Place {
  readonly path: string;
  readonly baseDir: string;
}

function readTls({ mode, ca, cert, key }: ServerEntry['tls'], place: Place): TlsSettings {
  return {
    mode,
    ...(ca === undefined ? {} : { ca: readPem(ca, 'ca', place) }),
    ...(cert === undefined ? {} : { cert: readPem(cert, 'cert', place) }),
    ...(key === undefined ? {} : { key: new Secret(readPem(key, 'key', place)) }),
  };
}

function readPem(file: string, field: string, { path, baseDir }: Place): string {
  const absolute = resolve(baseDir, file);
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    throw new OperationError('inventory_invalid', `could not read file ${absolute} of ${path}.${field}`, { detail: (error as Error).message, cause: error });
  }
}
