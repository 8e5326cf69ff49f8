import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import type { WorldNetwork } from './world-network.ts';

/** Starts a server on the machine of its node. Only its own account may run it, and only root may enter the machine. */
export async function startOnNode(network: WorldNetwork, cluster: PostgresCluster): Promise<void> {
  const { name, account, installation, dataDir, logFile } = cluster;
  const drop = account === undefined ? [] : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const [program = '', ...args] = network.on(name, [...drop, programPath(installation, 'pg_ctl'), 'start', '--wait', '--silent', '--timeout=120', `--pgdata=${dataDir}`, `--log=${logFile}`]);
  await runProgram({ program, args, cwd: '/', env: { HOME: dataDir } });
}
