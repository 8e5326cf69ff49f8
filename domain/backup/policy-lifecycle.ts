import { counted } from '../preflight/fact.ts';
import { blind, ok, problem, type Outcome, unknown } from '../preflight/rule.ts';
import { longestDays, releaseDays } from './kept-days.ts';
import type { LifecycleAction, LifecycleActionKind, LifecycleRule } from './lifecycle-rule.ts';
import type { PolicyFacts, PolicyRule } from './policy-rules.ts';

/** Days that are charged for in a tier, however soon an object leaves it. https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview */
const CHARGED_DAYS: Partial<Record<LifecycleActionKind, number>> = { tierToCool: 30, tierToCold: 90 };
const DOES: Readonly<Record<LifecycleActionKind, string>> = { delete: 'deletes', tierToArchive: 'archives', tierToCold: 'moves to Cold', tierToCool: 'moves to Cool' };

interface Found extends LifecycleAction {
  readonly rule: LifecycleRule;
}

export const LIFECYCLE_RULES: readonly PolicyRule[] = [
  {
    id: 'store-lifecycle',
    title: 'No rule of the store removes or archives what the policy keeps',
    severity: 'blocking',
    answers: ['B37'],
    decide: (facts) => whenSeen(facts, unseen(facts), (found) => {
      const kept = longestDays(facts.retention);
      const harm = found.filter(({ kind }) => kind === 'delete' || kind === 'tierToArchive');
      const early = harm.filter(({ days }) => days < kept);
      if (early.length > 0) return problem(`${early.map(shown).join('; ')}; the policy keeps a backup for up to ${kept} days.`, remedy(facts, early, kept));
      return ok(harm.length === 0 ? `No lifecycle rule deletes or archives anything under ${placeOf(facts)}.` : `${harm.map(shown).join('; ')}: not before the ${kept} days of the policy, but also the last proven backups, when no newer ones come.`);
    }),
  },
  {
    id: 'store-cool-tiers',
    title: 'Backups stay in a cool tier for as long as is paid for',
    severity: 'warning',
    answers: [],
    decide: (facts) => whenSeen(facts, unknown('Whether a rule moves backups to a cool tier is not known: see store-lifecycle.'), (found) => {
      const ages = releaseDays(facts.retention);
      const dear = found.flatMap((one) => {
        const charged = CHARGED_DAYS[one.kind] ?? 0;
        const gone = ages.filter((age) => age > one.days && age < one.days + charged);
        return gone.length === 0 ? [] : [`${shown(one)}, where ${charged} days are charged for; the policy removes some at ${[...new Set(gone)].join(' and ')} days`];
      });
      return dear.length === 0 ? ok('No rule moves backups to a cool tier shortly before the policy removes them.') : problem(`${dear.join('; ')}.`, 'Let the rule move them later, or leave them in Hot: what leaves Cool before 30 days or Cold before 90 is charged for the rest.');
    }),
  },
];

/** Decides from what the rules of the account do to objects of ours. */
function whenSeen({ store, management }: PolicyFacts, otherwise: Outcome, decide: (found: readonly Found[]) => Outcome): Outcome {
  if (store.kind === 'directory') return ok('A folder has no such rules.');
  if (management === null || 'failed' in management.lifecycle) return otherwise;
  return decide(management.lifecycle.ok.filter((rule) => reaches(rule, store)).flatMap((rule) => rule.actions.map((action) => ({ ...action, rule }))));
}

/** Prefixes are compared with `container/blob` letter by letter: `back` is a prefix of container `backups` too. */
export function reaches({ prefixes }: Pick<LifecycleRule, 'prefixes'>, { container, prefix }: { readonly container: string; readonly prefix: string }): boolean {
  const ours = `${container}/${prefix}`;
  return prefixes.length === 0 || prefixes.some((one) => ours.startsWith(one) || (one.startsWith(ours) && !BESIDES.test(one.slice(ours.length))));
}

/** The folders of backups are `system/database/` and a time; what begins otherwise there, as `proofs/` does, is no backup. */
const BESIDES = /^[^/]+\/[^/]+\/\D/;

const placeOf = ({ store }: PolicyFacts): string => `${store.container}/${store.prefix}`;
const shown = ({ rule, kind, days, since }: Found): string => `Rule "${rule.name}" ${DOES[kind]} ${counted(days, 'day')} after ${since}`;

function remedy(facts: PolicyFacts, early: readonly Found[], kept: number): string {
  const names = [...new Set(early.map(({ rule }) => `"${rule.name}"`))].join(', ');
  const changes = [
    ...(early.some(({ kind }) => kind === 'delete') ? [`delete after ${kept} days or later`] : []),
    ...(early.some(({ kind }) => kind === 'tierToArchive') ? ['archive nothing'] : []),
  ].join(' and ');
  return `Let ${names} of account ${facts.store.account} ${changes}, or narrow the \`prefixMatch\` until ${placeOf(facts)} is not below it: \`az storage account management-policy show --account-name ${facts.store.account} --resource-group ${facts.management?.resourceGroup}\` shows the rules, \`update --policy\` writes them.`;
}

function unseen({ store, management, retention }: PolicyFacts): Outcome {
  if (management !== null && 'failed' in management.lifecycle) return blind(management.lifecycle.failed);
  return unknown(
    `Lifecycle rules belong to the management of account ${store.account}, and the inventory does not say how to ask it.`,
    `Add \`management: { subscription: …, resourceGroup: … }\` to the store, or run \`az storage account management-policy show --account-name ${store.account} --resource-group <group>\`: no rule for container ${store.container} may delete before ${longestDays(retention)} days, or archive at all.`,
  );
}
