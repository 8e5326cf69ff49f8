/** What is done about a window that its own step did not end. */
import { settleEpoch } from '../../../catalog/cluster/epochs.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import { settleWindow } from '../../../domain/cluster/run/settle.ts';
import type { WindowResult } from '../../../domain/cluster/switchover/window-result.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { agentOf } from '../on-node.ts';
import { beating } from '../../step.ts';
import { endWindow, KILLED } from './end-window.ts';
import { finishPromotion } from './finish-promotion.ts';
import type { WindowOrder } from './window-order.ts';

/** On the old primary: whatever stands of a window is taken back, or taken to its end when it is claimed. Waits for the one that is under way. */
export const endSwitchoverWindow =
  (deps: Dependencies) =>
  async (order: WindowOrder): Promise<WindowResult> => {
    const agent = agentOf(deps);
    const window = { operation: order.operation, epoch: order.epoch, candidate: order.candidate, step: 'asked' } as const;
    return await beating(() => ({ doing: 'end the window' }), () => agent.obey(order, 'end-window', async () => {
      using _ = agent.expectStop();
      return await endWindow(deps, { agent, window, reason: KILLED });
    }));
  };

/** From anywhere, behind the claim: promotes, proves that it writes, leads the route. */
export const finishSwitchover =
  (deps: Dependencies) =>
  async ({ cluster, operation, candidate, epoch }: { readonly cluster: string; readonly operation: string; readonly candidate: string; readonly epoch: Epoch }): Promise<{ readonly timeline: number }> => {
    const { action, reason } = settleWindow(await settleEpoch(deps.catalog, cluster, { epoch, operation }), { epoch, operation, candidate });
    if (action !== 'go-forward') throw new OperationError('epoch_refused', `node "${candidate}" is not promoted any more by operation ${operation}`, { detail: reason });
    const plan = await deps.cluster(cluster);
    return { timeline: await finishPromotion(deps, { plan, candidate: deps.node(cluster, candidate), epoch }) };
  };
