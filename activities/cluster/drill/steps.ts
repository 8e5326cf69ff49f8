import { awaitRedundancy } from './await-redundancy.ts';
import { beginDrill, failDrill, newestEpoch, noteDrill } from './begin-drill.ts';
import { cutNode } from './cut-node.ts';
import { gateDrill } from './gate-drill.ts';
import { injectFault, undoFault } from './inject-fault.ts';
import { inspectWalDisk } from './look-at-wal-disk.ts';
import { probeDrill } from './probe-drill.ts';
import { reportDrill } from './report-drill.ts';
import type { Dependencies } from '../../dependencies.ts';
import { step } from '../../step.ts';

/** The steps of a drill: on workers of control, and, to make a fault, on the agent of the node. */
export const drillSteps = (deps: Dependencies) => ({
  gateDrill: step(gateDrill(deps)),
  beginDrill: step(beginDrill(deps)),
  newestEpoch: step(newestEpoch(deps)),
  noteDrill: step(noteDrill(deps)),
  failDrill: step(failDrill(deps)),
  probeDrill: step(probeDrill(deps)),
  inspectWalDisk: step(inspectWalDisk(deps)),
  injectFault: step(injectFault(deps)),
  undoFault: step(undoFault(deps)),
  cutNode: step(cutNode(deps)),
  awaitRedundancy: step(awaitRedundancy(deps)),
  reportDrill: step(reportDrill(deps)),
});
