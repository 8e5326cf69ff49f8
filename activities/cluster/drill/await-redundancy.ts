import { setTimeout as sleep } from 'node:timers/promises';

import { cancellationSignal } from '@temporalio/activity';

import { openAsker } from '../../../catalog/cluster/asker.ts';
import { keepStep } from '../../../catalog/cluster/steps.ts';
import { runningNodes, soleWritable } from '../../../domain/cluster/show/picture.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { pictureOf } from './gate-drill.ts';

export interface RedundancyInput {
  readonly cluster: string;
  readonly operation: string;
  readonly standbys: number;
  readonly withinMs: number;
}

const ANSWER_MS = 1000;
const LOOK_EVERY_MS = 200;

/** Waits until one node takes writes and so many stream from the cluster on its timeline; gives its name, null when time ran out. */
export const awaitRedundancy =
  (deps: Dependencies) =>
  async ({ cluster, operation, standbys, withinMs }: RedundancyInput): Promise<{ readonly primary: string | null }> => {
    let seen = 'nothing yet';
    return await beating(() => ({ doing: 'wait for redundancy', seen }), async () => {
      const deadline = performance.now() + withinMs;
      await using asker = await openAsker(deps.catalog, cluster);
      for (;;) {
        const plan = await deps.cluster(cluster);
        const words = await asker.askAll(plan.nodes.filter(({ role }) => role !== 'witness').map(({ name }) => name), ANSWER_MS);
        const picture = pictureOf(plan, words, asker.now());
        const primary = soleWritable(picture);
        const streaming = runningNodes(picture).filter(({ server }) => server.inRecovery && server.receiver?.status === 'streaming' && server.receiver.timeline === primary?.server.timeline);
        seen = `${primary?.declaration.name ?? 'no primary'}, ${streaming.length} streaming`;
        if (primary !== null && streaming.length >= standbys) {
          await keepStep(deps.catalog, operation, { step: 'redundant', phase: 'done', facts: { primary: primary.declaration.name, streaming: streaming.length } });
          return { primary: primary.declaration.name };
        }
        if (performance.now() >= deadline) return { primary: null };
        await sleep(LOOK_EVERY_MS, undefined, { signal: cancellationSignal() });
      }
    });
  };
