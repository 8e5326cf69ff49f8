import type { SwitchoverPlan } from '../../domain/cluster/switchover/result.ts';
import type { Fact } from '../../domain/preflight/fact.ts';
import { askNode, fromControl, reportOfNode } from './switchover-proxies.ts';
import type { SwitchoverContext } from './switchover-steps.ts';

/** C2, which a dry run and the run itself share: who is to be primary, what the two agents have tried, and every check. Changes nothing. */
export async function lookBeforehand({ of, run, given }: SwitchoverContext): Promise<SwitchoverPlan> {
  const { cluster, operation } = of;
  const survey = await fromControl.surveySwitchover.executeWithOptions({ summary: 'who is primary, and who could be?' }, [{ cluster, to: given.to }]);
  const { from, to } = survey;
  run.change({ from, to });
  const [old, candidate] = await Promise.all([
    tried(from, () => askNode(from).tryWaysOfOld.executeWithOptions({ summary: `${from} tries the ways to ${to}` }, [{ cluster, candidate: to }])),
    tried(to, () => askNode(to).tryWaysOfCandidate.executeWithOptions({ summary: `${to} tries its files` }, [{ cluster }])),
  ]);
  run.plan = await fromControl.judgeSwitchoverNow.executeWithOptions({ summary: 'every check' }, [{ ...survey, cluster, operation, ignoreCoolDown: given.ignoreCoolDown, old, candidate }]);
  return run.plan;
}

async function tried<T>(node: string, ask: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: await ask() };
  } catch (error) {
    return { failed: reportOfNode(error, node) };
  }
}
