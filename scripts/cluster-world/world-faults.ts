import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { killCluster, postmasterPid } from '../../programs/postgres-control.ts';
import { childrenOf, isAlive } from '../../programs/process-state.ts';
import { waitUntil } from '../../programs/wait-until.ts';

export type KillKind = 'tree' | 'postmaster';

/** SIGKILL of a server: of all its processes, as when the machine loses power, or of the postmaster alone, whose children live on. */
export async function killServer(cluster: PostgresCluster, kind: KillKind): Promise<void> {
  if (kind === 'tree') return await killCluster(cluster);
  const pid = await postmasterPid(cluster);
  if (pid === undefined) throw new Error(`the server of ${cluster.name} does not run`);
  process.kill(pid, 'SIGKILL');
  await waitUntil(async () => !(await isAlive(pid)), 10_000);
}

/** SIGSTOP of all processes of a server; gives what continues them. */
export async function freezeServer(cluster: PostgresCluster): Promise<() => void> {
  const pid = await postmasterPid(cluster);
  if (pid === undefined) throw new Error(`the server of ${cluster.name} does not run`);
  // The postmaster first: it starts no more.
  process.kill(pid, 'SIGSTOP');
  const stopped = [pid, ...(await childrenOf(pid))];
  for (const one of stopped) send(one, 'SIGSTOP');
  return () => stopped.forEach((one) => send(one, 'SIGCONT'));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

