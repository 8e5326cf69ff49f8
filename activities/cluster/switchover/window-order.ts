import type { NodeOrder } from '../../../agent/node-agent.ts';

export interface WindowOrder extends NodeOrder {
  /** The node that becomes primary. */
  readonly candidate: string;
}
