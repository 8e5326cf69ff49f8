/**
 * What a failover leaves to be done, however long it takes: statistics for the new primary, and the lost one back as a standby. It waits until the agent of
 * the lost node takes orders; nobody has to do anything for that. A node that can only be cloned anew is left to a person.
 */
import { executeChild, ParentClosePolicy, setCurrentDetails, sleep, upsertSearchAttributes } from '@temporalio/workflow';
import { z } from 'zod';

import { reportOfFailure } from '../failure.ts';
import { KIND_ATTRIBUTE, nodeWorkflowId, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from '../messages.ts';
import { parseInput } from '../migration-input.ts';
import { onNodeWithin, standingOrder, urgently } from './node-proxies.ts';

export const restoreRedundancyInput = z.strictObject({
  cluster: z.string().min(1),
  node: z.string().min(1).describe('The node that was lost.'),
  primary: z.string().min(1).describe('The node that was promoted.'),
  operation: z.string().min(1).describe('The failover that leaves this to be done.'),
  requestedBy: z.string().min(1).default('unknown'),
});

export interface RestoredRedundancy {
  readonly missing: readonly string[];
}

/** Not tried again by itself: only a person says that a data directory may be moved aside. */
const FINAL: readonly string[] = ['rewind_impossible', 'cluster_unfit', 'name_unknown', 'input_invalid'];
const AGAIN_MS = 10_000;

export async function restoreRedundancy(input: z.input<typeof restoreRedundancyInput>): Promise<RestoredRedundancy> {
  const { cluster, node, primary, operation, requestedBy } = parseInput(restoreRedundancyInput, input, { cluster: 'shop', node: 'n1', primary: 'n2', operation: 'abc' });
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'redundancy' }, { key: SUBJECT_ATTRIBUTE, value: cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  const missing: string[] = [];
  const analyzed = urgently.currentEpoch.executeWithOptions({ summary: 'which epoch is it?' }, [{ cluster }])
    .then((epoch) => onNodeWithin(primary, '30s', '1h').analyzeNode.executeWithOptions({ summary: `ANALYZE of ${primary}` }, [{ cluster, epoch, operation }]))
    .catch((error: unknown) => void missing.push(`analyze: ${reportOfFailure(error).message}`));
  const problem = await rejoin({ cluster, node, requestedBy });
  await analyzed;
  if (problem !== undefined) missing.push('rejoin-old');
  await urgently.auditFailover.executeWithOptions({ summary: 'audit: redundancy' }, [{ cluster, operation, event: problem === undefined ? 'redundancy' : 'unprotected', by: requestedBy, detail: { node, primary, missing, problem: problem ?? null } }]);
  setCurrentDetails(problem === undefined ? `**${node}** follows **${primary}** again.` : `**${node}** is not back: ${problem}`);
  upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: problem === undefined ? 'completed' : 'failed' }]);
  return { missing: missing.map((one) => one.split(':')[0]!) };
}

/** Undefined: it is back. */
async function rejoin({ cluster, node, requestedBy }: { readonly cluster: string; readonly node: string; readonly requestedBy: string }): Promise<string | undefined> {
  for (;;) {
    setCurrentDetails(`Waits for the agent of **${node}**.`);
    await standingOrder(node).observeNode.executeWithOptions({ summary: `is the agent of ${node} there?`, scheduleToStartTimeout: undefined }, [{ cluster }]);
    setCurrentDetails(`**${node}** rejoins.`);
    try {
      await executeChild('rejoinNode', { workflowId: nodeWorkflowId(cluster, node), parentClosePolicy: ParentClosePolicy.ABANDON, args: [{ cluster, node, requestedBy }], staticSummary: `rejoin ${node}` });
      return undefined;
    } catch (error) {
      const { code, message, hint } = reportOfFailure(error);
      setCurrentDetails(`**${node}** could not rejoin: ${message}`);
      if (FINAL.includes(code)) return `${message}. ${hint ?? ''}`;
    }
    await sleep(AGAIN_MS);
  }
}
