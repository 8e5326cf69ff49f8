/** One decider's look at a cluster: a clock, a memory, and the words, read together. */
import { type ClusterAsker, openAsker } from '../../../catalog/cluster/asker.ts';
import { readLastServing, readMarks } from '../../../catalog/cluster/last-known.ts';
import { readSystemIdentifier } from '../../../catalog/cluster/nodes.ts';
import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import type { LostPrimary } from '../../../domain/cluster/failover/elect.ts';
import { type HandedOn, type Situation, spokenBy, takeOver } from '../../../domain/cluster/failover/assess.ts';
import { lostPrimaryOf } from '../../../domain/cluster/failover/lost-primary.ts';
import { type ClusterMemory, remember } from '../../../domain/cluster/failover/memory.ts';
import type { NodeDeclaration } from '../../../domain/cluster/node.ts';
import type { Dependencies } from '../../dependencies.ts';
import { openEyes, type OwnEyes } from './own-eyes.ts';

export interface Scene extends AsyncDisposable {
  readonly asker: ClusterAsker;
  readonly eyes: OwnEyes;
  readonly primary: NodeDeclaration;
  plan: ClusterPlan;
  memory: ClusterMemory;
  /** Begins a round, and looks at the primary itself; what it saw comes as a word like all others. */
  ask(): Promise<void>;
  /** What is known now. */
  situation(): Promise<Situation>;
  /** What is kept of the primary; null when it was never heard of as one. */
  lost(): Promise<LostPrimary | null>;
}

export interface SceneWish {
  readonly plan: ClusterPlan;
  readonly primary: NodeDeclaration;
  readonly handedOn: HandedOn | null;
}

export async function openScene(deps: Dependencies, { plan, primary, handedOn }: SceneWish): Promise<Scene> {
  const { cluster } = plan;
  await using opened = new AsyncDisposableStack();
  const asker = opened.use(await openAsker(deps.catalog, cluster));
  const eyes = opened.use(openEyes(deps.catalog, cluster, (node) => deps.node(cluster, node)));
  let speakers: readonly string[] = handedOn?.speakers ?? [];
  let looking: Promise<void> | undefined;
  const parts = opened.move();
  const scene: Scene = {
    asker,
    eyes,
    primary,
    plan,
    memory: takeOver(handedOn, primary.name, asker.now()),
    ask: async () => {
      const round = await asker.ask();
      // One look at a time: a dial that hangs is waited for, and the next round asks again.
      looking ??= eyes.look(primary.name, round, speakers).catch(() => undefined).finally(() => (looking = undefined));
    },
    situation: async () => {
      const { reports, histories, sightings } = await asker.words();
      const marks = await deps.catalog.sessions.use((session) => readMarks(session, cluster));
      const now = asker.now();
      scene.memory = remember(scene.memory, { reports, sightings, marks, now });
      const situation: Situation = { plan: scene.plan, primary, reports, histories, sightings, memory: scene.memory, outside: [eyes.vantage], now };
      speakers = spokenBy(situation);
      return situation;
    },
    lost: async () => {
      const systemIdentifier = await readSystemIdentifier(deps.catalog, cluster);
      const serving = await deps.catalog.sessions.use((session) => readLastServing(session, cluster, primary.name));
      return lostPrimaryOf(primary.name, serving, systemIdentifier ?? '');
    },
    [Symbol.asyncDispose]: async () => {
      await parts[Symbol.asyncDispose]();
      await looking;
    },
  };
  return scene;
}
