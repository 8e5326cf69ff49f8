/** An operation on one node as people see it: init, clone, rejoin, follow. */
import type { RunEnd } from './machine.ts';

export const NODE_RUN_KINDS = ['init', 'clone', 'rejoin', 'follow'] as const;
export type NodeRunKind = (typeof NODE_RUN_KINDS)[number];

export interface NodeRunStep {
  readonly id: string;
  /** For people: `copy node n1`. */
  readonly text: string;
  readonly state: 'running' | 'done' | 'failed';
  /** What came of it, in a few words. */
  readonly note: string | null;
}

export interface NodeRunProgress {
  readonly operation: string;
  readonly kind: NodeRunKind;
  readonly cluster: string;
  readonly node: string;
  readonly end: RunEnd | 'FAILED' | null;
  readonly steps: readonly NodeRunStep[];
}

/** One thing that was looked at before anything is changed (A1). */
export interface NodeCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly reason: string;
  /** What to do when it is not; null when it is. */
  readonly remedy: string | null;
}

export interface NodeRunResult {
  readonly operation: string;
  readonly kind: NodeRunKind;
  readonly cluster: string;
  readonly node: string;
  readonly end: RunEnd;
  /** Null on a dry run that did not get so far. */
  readonly upstream: string | null;
  readonly dryRun: boolean;
  readonly checks: readonly NodeCheck[];
  /** Of a rejoin: what was found, and what was done. */
  readonly verdict: { readonly action: string; readonly relation: string; readonly reason: string } | null;
  /** Where the data directory from before lies, and what was kept of a log that was given up; on the node. */
  readonly movedAside: string | null;
  readonly evidence: string | null;
  readonly bytes: number | null;
  /** Steps that were not done although the node serves. */
  readonly missing: readonly string[];
}

/** For Temporal's page of the run. */
export function nodeRunMarkdown({ cluster, node, kind, end, steps }: NodeRunProgress): string {
  const rows = steps.map(({ text, state, note }) => `| ${text} | ${state} | ${note ?? ''} |`);
  return [`**${kind}** of node **${node}** in cluster **${cluster}**${end === null ? '' : `: **${end}**`}`, '', '| step | state | |', '| --- | --- | --- |', ...rows].join('\n');
}
