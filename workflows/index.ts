import { workflowInfo } from '@temporalio/workflow';

import { failWith } from './failure.ts';

export { backUpDatabase } from './back-up-database.ts';
export { backUpServer } from './back-up-server.ts';
export { failOverCluster } from './cluster/fail-over-cluster.ts';
export { restoreRedundancy } from './cluster/restore-redundancy.ts';
export { watchCluster } from './cluster/watch-cluster.ts';
export { drillCluster } from './cluster/drill/drill-cluster.ts';
export { cloneNode } from './cluster/clone-node.ts';
export { followNode } from './cluster/follow-node.ts';
export { initCluster } from './cluster/init-cluster.ts';
export { rejoinNode } from './cluster/rejoin-node.ts';
export { dumpSchema } from './dump-schema.ts';
export { expireBackups } from './expire-backups.ts';
export { migrateDatabase } from './migrate-database.ts';
export { switchOverCluster } from './cluster/switch-over-cluster.ts';
export { restoreBackup } from './restore-backup.ts';
export { takeBackupInventory } from './take-backup-inventory.ts';
export { verifyBackup } from './verify-backup.ts';

/** Takes the starts of types there are not, so that a typing mistake in the UI is an answer and not a task that fails for ever. */
export default function unknownWorkflow(): Promise<never> {
  throw failWith('input_invalid', `there is no workflow type ${workflowInfo().workflowType}`, { hint: 'The types are: migrateDatabase, backUpServer, backUpDatabase, verifyBackup, restoreBackup, expireBackups, takeBackupInventory, dumpSchema, failOverCluster, watchCluster, drillCluster, initCluster, cloneNode, rejoinNode, followNode, switchOverCluster.' });
}
