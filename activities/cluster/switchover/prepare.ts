import { declarationOf, isData } from '../../../domain/cluster/node.ts';
import type { ServerState } from '../../../domain/cluster/node-facts.ts';
import { planPreparation, type Preparation } from '../../../domain/cluster/switchover/preparation.ts';
import { parseSynchronousNames, type SynchronousNames } from '../../../domain/cluster/synchronous/names.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { askEverybody, reportOf } from './survey.ts';

/** What a switchover has to arrange, from how the cluster is now. Throws `cluster_unfit` when one of the two does not answer. */
export const planSwitchoverPreparation =
  (deps: Dependencies) =>
  async ({ cluster, from, to }: { readonly cluster: string; readonly from: string; readonly to: string }): Promise<Preparation> => {
    const plan = await deps.cluster(cluster);
    const { words } = await askEverybody(deps, plan);
    const serverOf = (name: string): ServerState | undefined => {
      const server = reportOf(words, name)?.value.server;
      return server !== undefined && 'ok' in server ? server.ok : undefined;
    };
    const [primary, candidate] = [serverOf(from), serverOf(to)];
    if (primary === undefined || candidate === undefined) throw new OperationError('cluster_unfit', `node "${primary === undefined ? from : to}" does not answer`);
    const reachable = plan.nodes.filter((node) => isData(node) && serverOf(node.name)?.inRecovery === true).map(({ name }) => name);
    return planPreparation({ from, to, nodes: plan.nodes.map(declarationOf), names: namesOf(primary), candidateNames: namesOf(candidate), policy: plan.synchronous, reachable });
  };

const namesOf = ({ settings }: ServerState): SynchronousNames | null => parseSynchronousNames(settings['synchronous_standby_names']?.value ?? '');
