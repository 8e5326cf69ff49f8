import type { RuleResult } from '../citation.ts';
import type { NodeDeclaration } from '../node.ts';
import type { SynchronousNames } from './names.ts';

/** What the operator wants of synchronous replication, whoever is primary. */
export interface SynchronousPolicy {
  readonly method: 'first' | 'any';
  readonly count: number;
  /** Rather no writes than writes that fewer confirm; else the count follows who can, which is an audited degradation (R79). */
  readonly strict: boolean;
}

export interface NamesVerdict extends RuleResult {
  /** To be set on the new primary before it is promoted, so that its first commit already waits (HA31); null: none, on purpose. */
  readonly names: SynchronousNames | null;
}

/** The list for a node that becomes primary: without itself, without what cannot follow or applies late, preferred ones first (HA32, C7). */
export function namesFor(primary: string, nodes: readonly NodeDeclaration[], policy: SynchronousPolicy | null, willFollow: readonly string[]): NamesVerdict {
  if (policy === null) return { rule: 'asynchronous', by: ['R60'], reason: 'The cluster is asynchronous.', names: null };
  const standbys = nodes
    .filter(({ name, role, applyDelayMs }) => name !== primary && role !== 'witness' && applyDelayMs === 0)
    .toSorted((left, right) => right.priority - left.priority || (left.name < right.name ? -1 : 1));
  const following = standbys.filter(({ name }) => willFollow.includes(name)).length;
  if (policy.strict && following < policy.count) {
    return { rule: 'strict-waits', by: ['R2', 'R79'], reason: `${following} can follow and ${policy.count} must confirm: writes wait until more are back.`, names: { method: policy.method, count: policy.count, names: namesOf(standbys) } };
  }
  if (following === 0) return { rule: 'nobody-follows', by: ['HA31', 'R79'], reason: 'No standby can follow: commits are not waited for until one is back.', names: null };
  if (following < policy.count) {
    return { rule: 'fewer-than-wanted', by: ['HA32', 'R79'], reason: `Only ${following} can follow, of ${policy.count} that were to confirm; ${following} will.`, names: { method: policy.method, count: following, names: namesOf(standbys) } };
  }
  return { rule: 'as-wanted', by: ['HA31', 'C3'], reason: `${policy.count} of ${standbys.length} confirm.`, names: { method: policy.method, count: policy.count, names: namesOf(standbys) } };
}

const namesOf = (standbys: readonly NodeDeclaration[]): readonly string[] => standbys.map(({ applicationName }) => applicationName.toLowerCase());
