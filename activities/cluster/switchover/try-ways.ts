/** What only the agents of the two nodes can try before a switchover. Nothing is changed by it. */
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import type { RouteFacts, Trial } from '../../../domain/cluster/switchover/facts.ts';
import type { Fact } from '../../../domain/preflight/fact.ts';
import { tryReplicationLogin } from '../../../postgres/cluster/trial-login.ts';
import { fact } from '../../../postgres/preflight/ask.ts';
import type { PostgresCluster } from '../../../programs/postgres-cluster.ts';
import { runProgram } from '../../../programs/run-program.ts';
import { giveTo } from '../../../programs/server-account.ts';
import { openConsole } from '../../../postgres/pgbouncer-console.ts';
import { gatherPoolerFacts } from '../../../providers/pgbouncer-facts.ts';
import type { Dependencies } from '../../dependencies.ts';
import { agentOf } from '../on-node.ts';

export interface WaysFromOld {
  readonly replicationLogin: Fact<Trial>;
  readonly configurationOwned: Fact<Trial>;
  /** Null: how long it takes is not known before it is done. */
  readonly routeSwitchMs: Fact<number | null>;
  readonly poolMode: RouteFacts['poolMode'];
}

export interface WaysOfCandidate {
  readonly configurationOwned: Fact<Trial>;
  readonly restoreCommandMs: Fact<number | null>;
}

/** On the old primary: the way by which it will follow, its files, and the route, which its agent is going to switch. */
export const tryWaysOfOld =
  (deps: Dependencies) =>
  async ({ candidate }: { readonly cluster: string; readonly candidate: string }): Promise<WaysFromOld> => {
    const agent = agentOf(deps);
    const password = agent.replicationPassword();
    const { password: _, ...place } = agent.address(candidate);
    return {
      replicationLogin: await fact(() => tryReplicationLogin({ ...place, user: agent.plan().replicationUser, ...(password === undefined ? {} : { password }) })),
      configurationOwned: await fact(() => tryFiles(agent)),
      ...(await tryRoute(deps, agent)),
    };
  };

/** On the candidate: its files, and how long its restore_command takes for a segment that is not there. */
export const tryWaysOfCandidate =
  (deps: Dependencies) =>
  async (_: { readonly cluster: string }): Promise<WaysOfCandidate> => {
    const agent = agentOf(deps);
    return { configurationOwned: await fact(() => tryFiles(agent)), restoreCommandMs: await fact(() => timeRestoreCommand(agent)) };
  };

const SIGNAL_FOLDERS = ['.', 'postgresql.auto.conf'] as const;

async function tryFiles(agent: NodeAgent): Promise<Trial> {
  const { dataDir } = await agent.server();
  for (const name of SIGNAL_FOLDERS) {
    const path = join(dataDir, name);
    const refused = await access(path, constants.R_OK | constants.W_OK).then(() => undefined, (error: Error) => error.message);
    if (refused !== undefined) return { outcome: 'refused', reason: `node "${agent.node}": ${refused}` };
  }
  return { outcome: 'done' };
}

/** Later than any segment there will be, on a timeline there is. */
const NO_SEGMENT = '00000001FFFFFFFF000000FF';
const RESTORE_MS = 60_000;

async function timeRestoreCommand(agent: NodeAgent): Promise<number | null> {
  const session = await agent.session();
  const { command } = await session.row<{ command: string | null }>(`SELECT current_setting('restore_command', true) AS command`);
  if (command === null || command === '') return null;
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-restore-'));
  try {
    const server = await agent.server();
    await giveTo(server.account, folder);
    return await timed(command, { folder, server });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(command: string, { folder, server }: { folder: string; server: PostgresCluster }): Promise<number> {
  const filled = command.replaceAll(/%([fpr%])/g, (_, letter: string) => ({ f: NO_SEGMENT, p: join(folder, NO_SEGMENT), r: NO_SEGMENT, '%': '%' })[letter] ?? '');
  const begun = performance.now();
  // Any end is an answer: the segment is not there.
  await runProgram({ program: 'sh', args: ['-c', filled], account: server.account, signal: AbortSignal.timeout(RESTORE_MS) }).catch(() => undefined);
  return Math.round(performance.now() - begun);
}

async function tryRoute({ secret }: Dependencies, agent: NodeAgent): Promise<Pick<WaysFromOld, 'routeSwitchMs' | 'poolMode'>> {
  const { route } = agent.plan();
  if (route.kind === 'none') return { routeSwitchMs: { ok: 0 }, poolMode: null };
  if (route.kind !== 'pgbouncer') return { routeSwitchMs: { ok: null }, poolMode: null };
  const { poolerConsole, poolerFile } = await gatherPoolerFacts(route, { source: agent.address(agent.node), secret });
  if ('failed' in poolerConsole) return { routeSwitchMs: poolerConsole, poolMode: null };
  if ('failed' in poolerFile) return { routeSwitchMs: poolerFile, poolMode: null };
  const wrong = poolerConsole.ok?.entry === null ? `PgBouncer has no entry ${route.database}` : poolerFile.ok?.writable !== true || !poolerFile.ok.hasEntry ? `the file ${route.configFile} cannot be written, or has no entry ${route.database}` : poolerConsole.ok?.admin !== true ? `role ${route.user} is no admin of PgBouncer` : undefined;
  if (wrong !== undefined) return { routeSwitchMs: { failed: { code: 'route_failed', message: wrong } }, poolMode: null };
  const mode = poolerConsole.ok?.poolModes[0] ?? null;
  return { routeSwitchMs: await fact(() => timeConsole(route, route.password === undefined ? undefined : secret(route.password))), poolMode: mode as RouteFacts['poolMode'] };
}

/** A pause and a resume are two round trips on a connection that is open. */
async function timeConsole({ host, port, user, database }: { host: string; port: number; user: string; database: string }, password: Parameters<typeof openConsole>[0]['password']): Promise<number> {
  await using admin = await openConsole({ host, port, user, password });
  const begun = performance.now();
  await admin.entry(database);
  await admin.entry(database);
  return Math.round(performance.now() - begun);
}
