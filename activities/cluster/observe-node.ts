import type { Dependencies } from '../dependencies.ts';
import type { NodeSteps } from './contract.ts';
import { agentOf, lookNow } from './on-node.ts';

/** Looks now; it is no order, so it waits for none. */
export const observeNode = (deps: Dependencies): NodeSteps['observeNode'] => async () => await lookNow(agentOf(deps));
