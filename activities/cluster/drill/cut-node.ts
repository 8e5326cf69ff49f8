import { keepStep, readSteps } from '../../../catalog/cluster/steps.ts';
import { resolveDrill } from '../../../config/resolve-drill.ts';
import { OperationError } from '../../../domain/errors.ts';
import { runProgram } from '../../../programs/run-program.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import type { FaultProof } from './faults.ts';
import { INJECT } from './inject-fault.ts';

export interface CutInput {
  readonly cluster: string;
  readonly operation: string;
  readonly node: string;
  readonly action: 'cut' | 'heal';
}

/** Cuts a node off by the command of the inventory, once, or lets it in again, as often as it is asked. */
export const cutNode =
  (deps: Dependencies) =>
  async (input: CutInput): Promise<FaultProof> =>
    await beating(() => ({ doing: `${input.action} ${input.node}` }), () => (input.action === 'cut' ? cut(deps, input) : heal(deps, input)));

async function cut(deps: Dependencies, input: CutInput): Promise<FaultProof> {
  const known = (await readSteps(deps.catalog, input.operation)).filter(({ step }) => step === INJECT);
  const done = known.find(({ phase }) => phase === 'done');
  if (done !== undefined) return done.facts as unknown as FaultProof;
  if (known.length > 0) return { injected: false, proof: 'It was begun, and nobody knows whether it was made; it is not made a second time.' };
  await keepStep(deps.catalog, input.operation, { step: INJECT, phase: 'intent', facts: { node: input.node, kind: 'partition' } });
  await runHook(deps, input);
  const proof: FaultProof = { injected: true, proof: `The command of the inventory has cut ${input.node} off.` };
  await keepStep(deps.catalog, input.operation, { step: INJECT, phase: 'done', facts: proof });
  return proof;
}

async function heal(deps: Dependencies, input: CutInput): Promise<FaultProof> {
  await runHook(deps, input);
  const proof: FaultProof = { injected: true, proof: `The command of the inventory has let ${input.node} in again.` };
  await keepStep(deps.catalog, input.operation, { step: INJECT, phase: 'undone', facts: proof });
  return proof;
}

async function runHook(deps: Dependencies, { cluster, node, action }: CutInput): Promise<void> {
  const { partition } = resolveDrill(deps.inventory(), cluster, { kind: 'partition' });
  const place = (await deps.cluster(cluster)).nodes.find(({ name }) => name === node);
  if (partition === null || place === undefined) throw new OperationError('cluster_unfit', `cluster "${cluster}" has no command that cuts a node off`, { hint: `Add clusters.${cluster}.drilling.partition to the inventory.` });
  const [program = '', ...args] = partition.command;
  await runProgram({ program, args, signal: AbortSignal.timeout(partition.timeoutMs), env: { PGCONVOY_NODE: node, PGCONVOY_HOST: place.host, PGCONVOY_ACTION: action } });
}
