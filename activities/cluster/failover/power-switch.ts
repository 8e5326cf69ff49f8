import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import type { FenceFacts } from '../../../domain/cluster/failover/fence.ts';
import { runProgram } from '../../../programs/run-program.ts';

export interface PowerSwitch extends Disposable {
  /** Calls the hook, if there is one and it does not run; one that has failed is called again. */
  press(): void;
  /** Set once a hook has ended well. */
  off(): FenceFacts['poweredOff'];
  busy(): boolean;
}

export interface SwitchParts {
  readonly plan: Pick<ClusterPlan, 'cluster' | 'fence'>;
  readonly node: { readonly name: string };
  readonly host: string;
  readonly epoch: Epoch;
}

/** The operator's command that cuts a node off, for when its agent is silent (HA1). That it may have been called before by a worker that is dead does no harm. */
export function openPowerSwitch({ plan, node, host, epoch }: SwitchParts): PowerSwitch {
  const ended = new AbortController();
  let off: FenceFacts['poweredOff'] = null;
  let running = false;
  const call = async ({ command, timeoutMs }: NonNullable<ClusterPlan['fence']>): Promise<void> => {
    const [program = '', ...args] = command;
    await runProgram({
      program, args,
      env: { PGCONVOY_CLUSTER: plan.cluster, PGCONVOY_NODE: node.name, PGCONVOY_NODE_HOST: host, PGCONVOY_EPOCH: String(epoch) },
      signal: AbortSignal.any([ended.signal, AbortSignal.timeout(timeoutMs)]),
    });
    off = { epoch, by: program };
  };
  return {
    press: () => {
      if (plan.fence === null || running || off !== null || ended.signal.aborted) return;
      running = true;
      // Why it failed stands in its own output; what counts here is that it is no proof.
      void call(plan.fence).catch(() => undefined).finally(() => (running = false));
    },
    off: () => off,
    busy: () => running,
    [Symbol.dispose]: () => ended.abort(),
  };
}
