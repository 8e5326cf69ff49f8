import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { connectClient } from '../../client/connect-client.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { startSchemaDump } from '../../client/schema-dumps.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import { resolveServer } from '../../config/resolve-server.ts';
import { resolveStore } from '../../config/resolve-store.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { dumpSchema } from '../../programs/pg-archive.ts';
import { findInstallations, pickClients } from '../../programs/postgres-installations.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { whenInterrupted } from '../interruption.ts';
import { globalOptions, printResult } from '../output.ts';

export interface SchemaDumpOptions {
  readonly database: string;
  readonly output?: string;
  readonly store?: string;
  readonly format?: 'plain' | 'custom';
  readonly owner: boolean;
  readonly privileges: boolean;
  readonly schemas?: readonly string[];
  readonly by: string;
}

/** Dumps the definitions of a database where the options say. */
export async function dumpSchemaOf(serverName: string, options: SchemaDumpOptions, command: Command): Promise<void> {
  if (options.store !== undefined && options.output !== undefined) throw new OperationError('usage', 'a dump goes to a file or to a store, not to both');
  const path = findInventory(globalOptions(command).inventory);
  const inventory = loadInventory(path);
  const server = resolveServer(inventory, serverName, baseDirOf(path));
  if (options.store !== undefined) {
    resolveStore(inventory, options.store, baseDirOf(path)); // a mistyped name is told before a workflow starts
    await dumpToStore(serverName, options.store, options, command);
  } else await dumpDirectly(server, options, command);
}

async function dumpDirectly(server: ServerAddress, options: SchemaDumpOptions, command: Command): Promise<void> {
  const { output, format = 'plain' } = options;
  if (output === undefined && globalOptions(command).json === true) throw new OperationError('usage', '--json needs --output or --store', { detail: 'Without them the dump itself goes to stdout.' });
  if (output === undefined && format === 'custom' && process.stdout.isTTY) throw new OperationError('usage', 'a custom archive is nothing for a terminal', { hint: 'Give `--output <file>`.' });
  const serverMajor = await majorOf(server, options.database);
  const { installation: clients } = pickClients(await findInstallations(postgresFolders()), serverMajor);
  const content = await dumpSchema({
    server,
    database: options.database,
    clients,
    schemas: options.schemas,
    excludeSchemas: [],
    excludeTables: [],
    owners: options.owner,
    privileges: options.privileges,
    format: format === 'custom' ? 'c' : 'p',
  });
  if (output === undefined) {
    process.stdout.write(content);
    return;
  }
  await writeFile(output, content, { mode: 0o600 }).catch((error: unknown) => {
    throw couldNotWrite(output, error);
  });
  const facts = { output, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), serverMajor, clientVersion: clients.version };
  printResult(command, facts, () => `Wrote ${output}, ${bytesText(content.length)}, from PostgreSQL ${serverMajor} with pg_dump ${clients.version}.`);
}

async function majorOf(server: ServerAddress, database: string): Promise<number> {
  await using session = await connect(server, { purpose: 'schema', database });
  return session.major;
}

async function dumpToStore(server: string, store: string, options: SchemaDumpOptions, command: Command): Promise<void> {
  const { database, format, owner, privileges, schemas, by } = options;
  await using open = await connectClient(temporalConnection());
  const started = await startSchemaDump(open.client, { server, database, store, owners: owner, privileges, requestedBy: by, ...(format === undefined ? {} : { format }), ...(schemas === undefined ? {} : { schemas: [...schemas] }) });
  using _ = whenInterrupted(() => new OperationError('interrupted', 'stopped waiting for the dump', { detail: `Workflow ${started.workflowId} goes on.` }));
  const result = await started.result().catch((error: unknown) => {
    throw asAnswerable(error, `workflow ${started.workflowId}`);
  });
  printResult(command, result, () => `Stored ${result.name}, ${bytesText(result.bytes)}, SHA-256 ${result.sha256}\n${result.address}`);
}
