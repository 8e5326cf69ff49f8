import { lookAtWalDisk, type WalDisk } from '../../../programs/cluster/wal-disk.ts';
import type { Dependencies } from '../../dependencies.ts';
import { agentOf } from '../on-node.ts';

/** What the disk of pg_wal is like, on the node of this worker. Changes nothing. */
export const inspectWalDisk =
  (deps: Dependencies) =>
  async (_input: { readonly cluster: string }): Promise<WalDisk> =>
    await lookAtWalDisk((await agentOf(deps).server()).dataDir);
