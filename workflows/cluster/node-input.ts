import { z } from 'zod';

/** The JSON objects that start operations on one node. Names only: no address, no secret. */
const onNode = {
  cluster: z.string().min(1).describe('A name under `clusters` of the inventory.'),
  node: z.string().min(1).describe('A data node of that cluster.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
  dryRun: z.boolean().default(false).describe('Looks and says what would be done, and changes nothing.'),
};

export const initClusterInput = z.strictObject({ ...onNode, node: onNode.node.describe('The node that becomes the first primary.') });
export const cloneNodeInput = z.strictObject({
  ...onNode,
  from: z.string().min(1).optional().describe('The node that is copied; default: the primary. A standby spares the primary the reading.'),
  replace: z.boolean().default(false).describe('Stops what runs on the node and moves its data directory aside; nothing is deleted.'),
});
export const rejoinNodeInput = z.strictObject({ ...onNode, clone: z.boolean().default(false).describe('Copies the primary anew, where a rewind is impossible; the data directory is moved aside, never deleted.') });
export const followNodeInput = z.strictObject({ ...onNode, upstream: z.string().min(1).describe('The node to stream from.') });

export type InitClusterInput = z.input<typeof initClusterInput>;
export type CloneNodeInput = z.input<typeof cloneNodeInput>;
export type RejoinNodeInput = z.input<typeof rejoinNodeInput>;
export type FollowNodeInput = z.input<typeof followNodeInput>;
