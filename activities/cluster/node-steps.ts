import type { Dependencies } from '../dependencies.ts';
import { step } from '../step.ts';
import { checkClone } from './clone/check-clone.ts';
import { cloneNode } from './clone/clone-node.ts';
import { undoClone } from './clone/undo-clone.ts';
import type { NodeSteps } from './contract.ts';
import { checkFollow, detachReceiver, fetchLog, followNode } from './follow.ts';
import { checkInit, initNode } from './init-node.ts';
import { beginNodeRun } from './node-run/begin-node-run.ts';
import { beginInit, recordFirstPrimary } from './node-run/init-run.ts';
import { endNodeRun, keepNodeStep, registerStandby } from './node-run/register-node.ts';
import { observeNode } from './observe-node.ts';
import { analyzeNode, checkpointNode, reconcileNodeSlots, setSynchronousNames } from './primary-steps.ts';
import { judgeRejoinOf, rewindNode } from './rejoin/rewind-node.ts';
import { fenceNode, liftFence, startNode, stopNode } from './start-stop.ts';

/** What an agent does; on other workers nobody asks for them. */
export const nodeSteps = (deps: Dependencies) =>
  ({
    observeNode: step(observeNode(deps)),
    checkInit: step(checkInit(deps)),
    checkClone: step(checkClone(deps)),
    checkFollow: step(checkFollow(deps)),
    initNode: step(initNode(deps)),
    cloneNode: step(cloneNode(deps)),
    undoClone: step(undoClone(deps)),
    startNode: step(startNode(deps)),
    stopNode: step(stopNode(deps)),
    fenceNode: step(fenceNode(deps)),
    liftFence: step(liftFence(deps)),
    detachReceiver: step(detachReceiver(deps)),
    followNode: step(followNode(deps)),
    fetchLog: step(fetchLog(deps)),
    setSynchronousNames: step(setSynchronousNames(deps)),
    reconcileNodeSlots: step(reconcileNodeSlots(deps)),
    checkpointNode: step(checkpointNode(deps)),
    analyzeNode: step(analyzeNode(deps)),
    judgeRejoinOf: step(judgeRejoinOf(deps)),
    rewindNode: step(rewindNode(deps)),
  }) satisfies NodeSteps;

/** Of operations on one node, on the workers of role control. */
export const nodeRunSteps = (deps: Dependencies) => ({
  beginNodeRun: step(beginNodeRun(deps)),
  beginInit: step(beginInit(deps)),
  recordFirstPrimary: step(recordFirstPrimary(deps)),
  registerStandby: step(registerStandby(deps)),
  keepNodeStep: step(keepNodeStep(deps)),
  endNodeRun: step(endNodeRun(deps)),
});
