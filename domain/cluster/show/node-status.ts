import { freshReport, serverOf, type ClusterPicture, type NodePicture } from './picture.ts';

/** R49. `failed`: its agent speaks, its server does not; `unreachable`: not even the agent does. */
export const NODE_STATUSES = ['running', 'running-as-primary', 'running-as-standby', 'failed', 'unreachable'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** `running` as what it is declared; as the other role it is named by that role. */
export function statusOf(node: NodePicture, picture: ClusterPicture): NodeStatus {
  const { role } = node.declaration;
  if (freshReport(node, picture) === null) return 'unreachable';
  if (role === 'witness') return 'running';
  const server = serverOf(node, picture);
  if (server === null) return 'failed';
  if (server.inRecovery === (role === 'standby')) return 'running';
  return server.inRecovery ? 'running-as-standby' : 'running-as-primary';
}
