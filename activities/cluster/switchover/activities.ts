import type { Dependencies } from '../../dependencies.ts';
import { step } from '../../step.ts';
import { endSwitchoverWindow, finishSwitchover } from './after-window.ts';
import { planSwitchoverPreparation } from './prepare.ts';
import { auditSwitchoverOrder, beginSwitchover, endSwitchover, pauseForSwitchover, recordSwitchover, releaseAfterSwitchover, reserveSwitchoverEpoch, resumeAfterSwitchover, settleSwitchover } from './run-steps.ts';
import { putBack, setAside } from './set-aside.ts';
import { judgeSwitchoverNow, surveySwitchover } from './survey.ts';
import { tryWaysOfCandidate, tryWaysOfOld } from './try-ways.ts';
import { switchOverWindow } from './window.ts';

/** The steps of a planned switchover, with what they need already given to them. */
export const switchoverActivities = (deps: Dependencies) => ({
  surveySwitchover: step(surveySwitchover(deps)),
  tryWaysOfOld: step(tryWaysOfOld(deps)),
  tryWaysOfCandidate: step(tryWaysOfCandidate(deps)),
  judgeSwitchoverNow: step(judgeSwitchoverNow(deps)),
  switchOverWindow: step(switchOverWindow(deps)),
  endSwitchoverWindow: step(endSwitchoverWindow(deps)),
  finishSwitchover: step(finishSwitchover(deps)),
  planSwitchoverPreparation: step(planSwitchoverPreparation(deps)),
  beginSwitchover: step(beginSwitchover(deps)),
  reserveSwitchoverEpoch: step(reserveSwitchoverEpoch(deps)),
  pauseForSwitchover: step(pauseForSwitchover(deps)),
  resumeAfterSwitchover: step(resumeAfterSwitchover(deps)),
  releaseAfterSwitchover: step(releaseAfterSwitchover(deps)),
  settleSwitchover: step(settleSwitchover(deps)),
  recordSwitchover: step(recordSwitchover(deps)),
  auditSwitchoverOrder: step(auditSwitchoverOrder(deps)),
  endSwitchover: step(endSwitchover(deps)),
  setAside: step(setAside(deps)),
  putBack: step(putBack(deps)),
});
