import type { NodeOrder } from '../../../agent/node-agent.ts';
import { keepStep, readSteps } from '../../../catalog/cluster/steps.ts';
import type { Dependencies } from '../../dependencies.ts';
import { onNode } from '../on-node.ts';
import { type FaultProof, makeFault, type NodeFault, takeFaultBack } from './faults.ts';

export interface FaultOrder extends NodeOrder {
  readonly kind: NodeFault;
  readonly freezeMs: number;
}

export const INJECT = 'inject';

/** H3: makes the fault, once and never again. What was begun by an agent that died before it could say so is not begun a second time: it has no proof then. */
export const injectFault = (deps: Dependencies) =>
  onNode(deps, 'injectFault', async (agent, order: FaultOrder): Promise<FaultProof> => {
    const known = (await readSteps(deps.catalog, order.operation)).filter(({ step }) => step === INJECT);
    const done = known.find(({ phase }) => phase === 'done');
    if (done !== undefined) return done.facts as unknown as FaultProof;
    if (known.length > 0) return { injected: false, proof: 'It was begun, and nobody knows whether it was made; it is not made a second time.' };
    await keepStep(deps.catalog, order.operation, { step: INJECT, phase: 'intent', facts: { node: agent.node, kind: order.kind } });
    const proof = await makeFault(agent, order.kind, order);
    await keepStep(deps.catalog, order.operation, { step: INJECT, phase: 'done', facts: proof });
    return proof;
  });

/** Takes the fault back, as often as it is asked. */
export const undoFault = (deps: Dependencies) =>
  onNode(deps, 'undoFault', async (agent, order: FaultOrder): Promise<FaultProof> => {
    const proof = await takeFaultBack(agent, order.kind);
    await keepStep(deps.catalog, order.operation, { step: INJECT, phase: 'undone', facts: proof });
    return proof;
  });
