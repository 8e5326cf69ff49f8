import { cancellationSignal } from '@temporalio/activity';

import { appendAudit } from '../../catalog/audit.ts';
import { connect } from '../../postgres/connection.ts';
import { dumpSchema } from '../../programs/pg-archive.ts';
import { asNamePart, type ObjectStore, type PutReceipt } from '../../storage/object-store.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';

export interface DumpSchemaOrder {
  readonly runId: string;
  /** Inventory names. */
  readonly server: string;
  readonly store: string;
  readonly database: string;
  readonly format: 'custom' | 'plain';
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly schemas?: readonly string[] | undefined;
  readonly requestedBy: string;
}

export interface StoredSchema {
  readonly store: string;
  readonly name: string;
  /** A path or a URL, without secrets. */
  readonly address: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Major of the server, and version of the pg_dump that read it. */
  readonly serverMajor: number;
  readonly clientVersion: string;
}

/** Dumps the definitions of a database into the store. Again replaces what an earlier attempt stored. */
export const dumpSchemaToStore =
  (deps: Dependencies) =>
  async (order: DumpSchemaOrder): Promise<StoredSchema> => {
    let doing = `asking server ${order.server}`;
    return await beating(() => ({ doing }), async () => {
      const server = deps.server(order.server);
      const store = deps.store(order.store);
      const serverMajor = await majorOf(server, order.database);
      const clients = await deps.clients(serverMajor);
      doing = `dumping the schema of ${order.database}`;
      const content = await dumpSchema({ server, database: order.database, clients, schemas: order.schemas, excludeSchemas: [], excludeTables: [], owners: order.owners, privileges: order.privileges, format: order.format === 'custom' ? 'c' : 'p', signal: cancellationSignal() });
      doing = `storing ${content.length} bytes`;
      const { name, address, bytes, sha256 } = await putAnew(store, objectName(order), content);
      await appendAudit(deps.catalog, { actor: order.requestedBy, action: 'schema.dump', object: `database ${order.database} on server ${order.server}`, runId: order.runId, detail: { store: order.store, name, bytes, sha256 }, result: 'done' });
      return { store: order.store, name, address, bytes, sha256, serverMajor, clientVersion: clients.version };
    });
  };

const objectName = ({ server, database, runId, format }: DumpSchemaOrder): string => `schema/${server}/${asNamePart(database)}/${runId}.${format === 'custom' ? 'dump' : 'sql'}`;

async function majorOf(server: Parameters<typeof connect>[0], database: string): Promise<number> {
  await using session = await connect(server, { purpose: 'schema', database });
  return session.major;
}

/** The name carries the run's id: what lies there is from an earlier attempt of the same step, and this one takes its place. */
async function putAnew(store: ObjectStore, name: string, content: Buffer): Promise<PutReceipt> {
  await store.delete(name);
  return await store.put({ name, content: pieces(content), signal: cancellationSignal() });
}

async function* pieces(content: Buffer): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}
