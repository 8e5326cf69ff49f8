import type { NodeAgent } from '../../agent/node-agent.ts';
import { renderHba, renderNodeConf } from '../../domain/cluster/settings/node-conf.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { NodeConfiguration } from '../../programs/cluster/node-configuration.ts';

/** The configuration of this node as the inventory has it now. */
export async function wantedConfiguration(agent: NodeAgent): Promise<NodeConfiguration> {
  const { installation } = await agent.server();
  return { settings: renderNodeConf(agent.self(), installation.major), hba: renderHba(agent.plan()) };
}

/** `cluster init` makes roles that others dial over the network, so each has a password. */
export function passwordFor(agent: NodeAgent, login: 'superuser' | 'replication'): Secret {
  const password = login === 'superuser' ? agent.address(agent.node).password : agent.replicationPassword();
  if (password !== undefined) return password;
  throw new OperationError('secret_missing', `role of ${login} of cluster "${agent.cluster}" has no password`, { hint: `Give clusters.${agent.cluster}.${login}.password in the inventory.` });
}
