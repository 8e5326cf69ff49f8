import { toJson } from '../../domain/canonical-json.ts';
import type { NodeDeclaration } from '../../domain/cluster/node.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import type { Catalog } from '../open-catalog.ts';
import { isoText } from '../timestamps.ts';

export interface RegisteredNode {
  readonly declaration: NodeDeclaration;
  /** Counts from 1; each registration that changes something adds one. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly registeredAt: string;
}

/** Writes down that a cluster exists. Again with the same system identifier changes nothing; with another one it is `cluster_unfit`. */
export async function recordCluster(catalog: Catalog, cluster: string, systemIdentifier: string): Promise<void> {
  const { known } = await catalog.sessions.use((session) =>
    session.row<{ known: string }>(
      `INSERT INTO pgconvoy.cluster (cluster, system_identifier) VALUES ($1, $2)
       ON CONFLICT (cluster) DO UPDATE SET cluster = excluded.cluster
       RETURNING system_identifier AS known`,
      [cluster, systemIdentifier],
    ),
  );
  if (known !== systemIdentifier) throw new OperationError('cluster_unfit', `cluster "${cluster}" is registered with another system`, { detail: `Its system identifier is ${known}; that of the node is ${systemIdentifier}.` });
}

/** Undefined: there is no such cluster yet. */
export const readSystemIdentifier = (catalog: Catalog, cluster: string): Promise<string | undefined> =>
  catalog.sessions.use(async (session) => (await session.maybeRow<{ id: string }>('SELECT system_identifier AS id FROM pgconvoy.cluster WHERE cluster = $1', [cluster]))?.id);

/** Registers a node, or registers it anew; gives its version. */
export async function registerNode(catalog: Catalog, cluster: string, declaration: NodeDeclaration): Promise<number> {
  const sql = `
    INSERT INTO pgconvoy.cluster_node AS known (node, cluster, declaration) VALUES ($1, $2, $3)
    ON CONFLICT (node) DO UPDATE
    SET declaration = excluded.declaration,
        version = known.version + CASE WHEN known.declaration = excluded.declaration THEN 0 ELSE 1 END,
        registered_at = CASE WHEN known.declaration = excluded.declaration THEN known.registered_at ELSE clock_timestamp() END
    WHERE known.cluster = excluded.cluster
    RETURNING version`;
  const row = await catalog.sessions.use((session) => session.maybeRow<{ version: number }>(sql, [declaration.name, cluster, JSON.stringify(toJson(declaration))]));
  if (row === undefined) throw new OperationError('cluster_unfit', `node "${declaration.name}" is registered in another cluster`);
  return row.version;
}

export async function unregisterNode(catalog: Catalog, node: string): Promise<void> {
  await catalog.sessions.use((session) => session.execute('WITH gone AS (DELETE FROM pgconvoy.cluster_report WHERE node = $1) DELETE FROM pgconvoy.cluster_node WHERE node = $1', [node]));
}

/** By name; empty for a cluster that nobody has registered yet. */
export const listNodes = (catalog: Catalog, cluster: string): Promise<RegisteredNode[]> => catalog.sessions.use((session) => listNodesOver(session, cluster));

/** The same over a connection that is open already. */
export const listNodesOver = (session: Session, cluster: string): Promise<RegisteredNode[]> =>
  session.rows<RegisteredNode>(`SELECT declaration, version, ${isoText('registered_at')} AS "registeredAt" FROM pgconvoy.cluster_node WHERE cluster = $1 ORDER BY node`, [cluster]);
