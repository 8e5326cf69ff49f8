/**
 * Lifecycle rules of a storage account, as its management tells them.
 * https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
 */
import type { Fact } from '../preflight/fact.ts';

/** What a rule does with the objects themselves. What it does with their snapshots and previous versions is no matter: we have none. */
export const LIFECYCLE_ACTIONS = ['delete', 'tierToArchive', 'tierToCold', 'tierToCool'] as const;
export type LifecycleActionKind = (typeof LIFECYCLE_ACTIONS)[number];

export interface LifecycleAction {
  readonly kind: LifecycleActionKind;
  /** Comes when more days than this have passed. */
  readonly days: number;
  readonly since: string;
}

/** A rule in force for blobs of our kind. */
export interface LifecycleRule {
  readonly name: string;
  /** Beginnings of `container/blob`; none: everything in the account. */
  readonly prefixes: readonly string[];
  readonly actions: readonly LifecycleAction[];
}

/** An access only makes the time longer, so that the three are alike to us. `daysAfterLastTierChangeGreaterThan` stands beside one of them and makes it longer too. */
const SINCE: Readonly<Record<string, string>> = {
  daysAfterModificationGreaterThan: 'the last modification',
  daysAfterCreationGreaterThan: 'the creation',
  daysAfterLastAccessTimeGreaterThan: 'the last access',
};
/** Not an action on its own. */
const SETTINGS: readonly string[] = ['enableAutoTierToHotFromCool'];

type Fields = Readonly<Record<string, unknown>>;

/** Reads an answer of the management. What we do not understand makes all of it unknown: a rule that is passed over could be the one that deletes. */
export function lifecycleRulesOf(answer: unknown): Fact<readonly LifecycleRule[]> {
  const rules = fieldsOf(fieldsOf(fieldsOf(answer)['properties'])['policy'])['rules'];
  if (!Array.isArray(rules)) return unclear('It has no list of rules.');
  const read: LifecycleRule[] = [];
  for (const rule of rules.map(fieldsOf)) {
    if (rule['enabled'] === false) continue;
    const found = ruleOf(rule);
    if (typeof found === 'string') return unclear(`Rule "${String(rule['name'])}" ${found}.`);
    if (found !== undefined) read.push(found);
  }
  return { ok: read };
}

/** Undefined: it is not for us. A text: what of it we do not understand. */
function ruleOf({ name, type, definition }: Fields): LifecycleRule | string | undefined {
  if (type !== 'Lifecycle') return `is of type ${String(type)}`;
  const { filters, actions } = fieldsOf(definition);
  const { prefixMatch, blobTypes, blobIndexMatch } = fieldsOf(filters);
  if (Array.isArray(blobTypes) && !blobTypes.includes('blockBlob')) return undefined;
  if (Array.isArray(blobIndexMatch) && blobIndexMatch.length > 0) return undefined; // our objects have no index tags
  const found: LifecycleAction[] = [];
  for (const [key, times] of Object.entries(fieldsOf(fieldsOf(actions)['baseBlob']))) {
    if (SETTINGS.includes(key) || times === null) continue;
    const kind = LIFECYCLE_ACTIONS.find((known) => known === key);
    const action = kind === undefined ? undefined : actionOf(kind, fieldsOf(times));
    if (action === undefined) return `has ${key}, in a form that this version does not know`;
    found.push(action);
  }
  return { name: String(name), prefixes: Array.isArray(prefixMatch) ? prefixMatch.map(String) : [], actions: found };
}

function actionOf(kind: LifecycleActionKind, times: Fields): LifecycleAction | undefined {
  const known = Object.entries(SINCE).flatMap(([key, since]) => (typeof times[key] === 'number' ? [{ kind, days: times[key], since }] : []));
  return known.toSorted((a, b) => a.days - b.days)[0];
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const unclear = (detail: string): Fact<never> => ({ failed: { code: 'management_failed', message: 'the lifecycle rules of the account could not be understood', detail } });
