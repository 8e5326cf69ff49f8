import { cancellationSignal } from '@temporalio/activity';

import { handOn, viewOf } from '../../../domain/cluster/failover/assess.ts';
import { classify } from '../../../domain/cluster/failover/classify.ts';
import type { LossEvidence } from '../../../domain/cluster/failover/incident.ts';
import { settled } from '../../../domain/cluster/failover/settled.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { openScene } from './scene.ts';

const ASK_EVERY_MS = 200;

export interface VerifiedLoss extends LossEvidence {
  /** Whether anybody may be promoted in its place without an operator's word. */
  readonly lost: boolean;
}

/** D2: looks anew from every vantage point, until the primary is seen to serve by all, or is lost, or nothing more is to be learnt. */
export const verifyLost =
  (deps: Dependencies) =>
  async ({ cluster, primary: name }: { readonly cluster: string; readonly primary: string }): Promise<VerifiedLoss> =>
    await beating(() => ({ doing: 'verify that the primary is lost' }), async () => {
      const plan = await deps.cluster(cluster);
      const primary = plan.nodes.find((node) => node.name === name);
      if (primary === undefined) throw new OperationError('bug', `node "${name}" is not in the inventory any more`);
      await using scene = await openScene(deps, { plan, primary, handedOn: null });
      const begun = performance.now();
      for (let askAt = begun; ; ) {
        cancellationSignal().throwIfAborted();
        if (performance.now() >= askAt) {
          await scene.ask();
          askAt = performance.now() + ASK_EVERY_MS;
        }
        const situation = await scene.situation();
        const classification = classify(viewOf(situation));
        const { alive, dead } = settled({ classification, ageMs: performance.now() - begun });
        if (alive || dead) return { primary: name, classification, gates: null, handedOn: handOn(situation), lost: dead };
        await scene.asker.heard(Math.max(1, askAt - performance.now()), cancellationSignal());
      }
    });
