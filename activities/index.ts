import { beginBackup } from './backup/begin-backup.ts';
import { beginBackupRun } from './backup/begin-backup-run.ts';
import { beginUse } from './backup/begin-use.ts';
import { discardBackup } from './backup/discard-backup.ts';
import { dumpDatabase } from './backup/dump-database.ts';
import { endBackupRun } from './backup/end-backup-run.ts';
import { beginExpiry, deleteExpired } from './backup/expire.ts';
import { dropBackupLocks } from './backup/hold-lock.ts';
import { proveBackup } from './backup/prove-backup.ts';
import { restoreDatabase } from './backup/restore-database.ts';
import { takeInventory } from './backup/take-inventory.ts';
import { drillSteps } from './cluster/drill/steps.ts';
import { beginFailover } from './cluster/failover/begin-failover.ts';
import { promoteBest } from './cluster/failover/promote-best.ts';
import { auditFailover, endFailover, keepRunStep, leadRouteBack, leadRouteTo, recordPromotion } from './cluster/failover/record-promotion.ts';
import { verifyLost } from './cluster/failover/verify-lost.ts';
import { auditWatch, beginRestart, currentEpoch, freeCluster, pauseWatch, resumeWatch } from './cluster/watch/watch-orders.ts';
import { watchPrimary } from './cluster/watch/watch-primary.ts';
import { nodeRunSteps, nodeSteps } from './cluster/node-steps.ts';
import { switchoverActivities } from './cluster/switchover/activities.ts';
import { cutOver } from './cutover/cut-over.ts';
import type { Dependencies } from './dependencies.ts';
import { beginRun, recordEnd, recordOrder } from './migration/begin-run.ts';
import { checkPreflight } from './migration/check-preflight.ts';
import { copyLargeObjects } from './migration/copy-large-objects.ts';
import { buildIndex, copyParcel, finishTable, verifyTable } from './migration/copy-parcel.ts';
import { dumpDefinitions } from './migration/dump-definitions.ts';
import { awaitCaughtUp, startFollowing, watchReplication } from './migration/follow.ts';
import { addForeignKeys, validateForeignKeys } from './migration/foreign-keys.ts';
import { holdSnapshot, publishTables, retireGenerations } from './migration/hold-snapshot.ts';
import { planCopy } from './migration/plan-copy.ts';
import { finishSchema, prepareSchema } from './migration/prepare-schema.ts';
import { stopWriting } from './migration/source-access.ts';
import { commitMigration, undoMigration } from './migration/tidy-up.ts';
import { dumpSchemaToStore } from './schema/dump-schema.ts';
import { step } from './step.ts';

/** Every step there is, with what it needs already given to it. */
export function createActivities(deps: Dependencies) {
  return {
    beginRun: step(beginRun(deps)),
    recordEnd: step(recordEnd(deps)),
    recordOrder: step(recordOrder(deps)),
    checkPreflight: step(checkPreflight(deps)),
    dumpDefinitions: step(dumpDefinitions(deps)),
    prepareSchema: step(prepareSchema(deps)),
    finishSchema: step(finishSchema(deps)),
    stopWriting: step(stopWriting(deps)),
    planCopy: step(planCopy(deps)),
    publishTables: step(publishTables(deps)),
    holdSnapshot: step(holdSnapshot(deps)),
    retireGenerations: step(retireGenerations(deps)),
    copyParcel: step(copyParcel(deps)),
    copyLargeObjects: step(copyLargeObjects(deps)),
    buildIndex: step(buildIndex(deps)),
    finishTable: step(finishTable(deps)),
    verifyTable: step(verifyTable(deps)),
    addForeignKeys: step(addForeignKeys(deps)),
    validateForeignKeys: step(validateForeignKeys(deps)),
    startFollowing: step(startFollowing(deps)),
    awaitCaughtUp: step(awaitCaughtUp(deps)),
    watchReplication: step(watchReplication(deps)),
    cutOver: step(cutOver(deps)),
    commitMigration: step(commitMigration(deps)),
    undoMigration: step(undoMigration(deps)),
    beginBackupRun: step(beginBackupRun(deps)),
    beginBackup: step(beginBackup(deps)),
    dumpDatabase: step(dumpDatabase(deps)),
    discardBackup: step(discardBackup(deps)),
    beginUse: step(beginUse(deps)),
    endBackupRun: step(endBackupRun(deps)),
    dropBackupLocks: step(dropBackupLocks(deps)),
    beginExpiry: step(beginExpiry(deps)),
    deleteExpired: step(deleteExpired(deps)),
    takeInventory: step(takeInventory(deps)),
    proveBackup: step(proveBackup(deps)),
    restoreDatabase: step(restoreDatabase(deps)),
    dumpSchemaToStore: step(dumpSchemaToStore(deps)),
    ...failoverSteps(deps),
    ...drillSteps(deps),
    ...nodeSteps(deps),
    ...nodeRunSteps(deps),
  };
}

/** Of the watcher and of failovers. */
function failoverSteps(deps: Dependencies) {
  return {
    beginFailover: step(beginFailover(deps)),
    verifyLost: step(verifyLost(deps)),
    promoteBest: step(promoteBest(deps)),
    recordPromotion: step(recordPromotion(deps)),
    leadRouteTo: step(leadRouteTo(deps)),
    leadRouteBack: step(leadRouteBack(deps)),
    auditFailover: step(auditFailover(deps)),
    keepRunStep: step(keepRunStep(deps)),
    endFailover: step(endFailover(deps)),
    watchPrimary: step(watchPrimary(deps)),
    pauseWatch: step(pauseWatch(deps)),
    resumeWatch: step(resumeWatch(deps)),
    auditWatch: step(auditWatch(deps)),
    beginRestart: step(beginRestart(deps)),
    freeCluster: step(freeCluster(deps)),
    currentEpoch: step(currentEpoch(deps)),
    ...switchoverActivities(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
