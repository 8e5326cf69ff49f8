import { mkdir, readdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import { checkClone as judge } from '../../../domain/cluster/clone/checks.ts';
import type { NodeCheck } from '../../../domain/cluster/run/node-run.ts';
import { nodeSettings } from '../../../domain/cluster/settings/node-conf.ts';
import { slotNameOf } from '../../../domain/cluster/slots.ts';
import { readCloneSource, readCloneUpstream } from '../../../postgres/cluster/clone-source.ts';
import { tryReplication } from '../../../programs/cluster/try-replication.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { NodeSteps } from '../contract.ts';
import { dial, nodeNamed, onNode } from '../on-node.ts';
import type { CloneOrder } from './clone-node.ts';

export const checkClone = (deps: Dependencies): NodeSteps['checkClone'] => onNode(deps, 'checkClone', lookBeforeClone);

/** Asks both servers and looks at this machine; changes nothing (A1). */
export async function lookBeforeClone(agent: NodeAgent, { source, upstream, replace }: CloneOrder, signal: AbortSignal): Promise<readonly NodeCheck[]> {
  const { installation, account, dataDir } = await agent.server();
  const names = [...new Set([source, upstream])].map((name) => nodeNamed(agent, name));
  await using from = await dial(agent, source, 'clone');
  await using to = await dial(agent, upstream, 'clone');
  const login = { user: agent.plan().replicationUser, password: agent.replicationPassword() };
  const loginProblems = await Promise.all(names.map(async ({ name, host, port }) => ({ at: name, problem: await tryReplication({ installation, ...(account ? { account } : {}) }, { ...login, host, port }, signal) })));
  await mkdir(dirname(dataDir), { recursive: true });
  const { bavail, bsize } = await statfs(dirname(dataDir));
  return judge({
    node: agent.node,
    source: { ...(await readCloneSource(from)), name: source },
    upstream: { ...(await readCloneUpstream(to, slotNameOf(agent.node))), name: upstream },
    loginProblems,
    major: installation.major,
    freeBytes: bavail * bsize,
    directory: (await readdir(dataDir).catch(() => [])).length === 0 ? 'free' : 'occupied',
    replace: replace === true,
    settings: nodeSettings(agent.self(), installation.major),
  });
}
