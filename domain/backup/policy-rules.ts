import { periodText } from '../durations.ts';
import type { Fact } from '../preflight/fact.ts';
import { ok, problem, type Outcome, type Severity, whenKnown } from '../preflight/rule.ts';
import { DAY_MS, longestDays } from './kept-days.ts';
import type { KeepingFacts } from './keeping-facts.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import { LIFECYCLE_RULES } from './policy-lifecycle.ts';
import type { RetentionPolicy } from './retention.ts';
import type { SkippedTime } from './skipped-times.ts';

export interface PolicyFacts {
  readonly store: KeepingFacts;
  /** What the management of the account says; null when the inventory does not tell how to ask it. */
  readonly management: { readonly resourceGroup: string; readonly lifecycle: Fact<readonly LifecycleRule[]> } | null;
  readonly retention: RetentionPolicy;
  readonly proves: boolean;
  readonly sealed: boolean;
  readonly rtoMs: number | null;
  /** Nights of the coming year that the schedule names and the clock does not have; null without a schedule. */
  readonly skipped: readonly SkippedTime[] | null;
}

/** One thing of a policy, or of its store, that contradicts what the policy promises. */
export interface PolicyRule {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly answers: readonly `B${number}`[];
  readonly decide: (facts: PolicyFacts) => Outcome;
}

export interface PolicyRuleReport extends Outcome {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly answers: readonly string[];
}

export const POLICY_RULES: readonly PolicyRule[] = [
  {
    id: 'store-archive-tier',
    title: 'Backups can be read at once',
    severity: 'blocking',
    answers: ['B37'],
    decide: ({ store }) =>
      whenKnown([store.tiers], ({ archived, firstArchived, others }) =>
        archived === 0
          ? ok(others.length === 0 ? 'No object is in an archive.' : `Objects are in the tiers ${others.join(', ')}, which are read at once.`)
          : problem(`${archived} objects are archived, for example ${firstArchived}: nobody can read them before they are brought back, which takes up to 15 hours.`, 'Set their tier to Hot, Cool or Cold, and end the lifecycle rule that archives them; a proof and a restore fail until then.'),
      ),
  },
  {
    id: 'store-immutability',
    title: 'The store lets go what retention removes',
    severity: 'warning',
    answers: ['B38'],
    decide: ({ store }) =>
      whenKnown([store.locked], ({ immutabilityPolicy, legalHold }) => {
        if (!immutabilityPolicy && !legalHold) return ok('No immutability policy and no legal hold is on the container.');
        const what = [...(immutabilityPolicy ? ['an immutability policy'] : []), ...(legalHold ? ['a legal hold'] : [])].join(' and ');
        return problem(`Container ${store.container} has ${what}: a backup stays until that is over, whatever the policy says, and the expiry of those before it ends as failed.`, 'Keep at least as long as the lock does, so that nothing expires before; deletions that the store refused are tried again by every run.');
      }),
  },
  ...LIFECYCLE_RULES,
  {
    id: 'store-soft-delete',
    title: 'A backup that was deleted by mistake can be brought back',
    severity: 'information',
    answers: [],
    decide: ({ store }) =>
      store.kind === 'directory'
        ? problem('A folder forgets at once what is deleted in it.', 'Take snapshots of the file system, or put backups into a store with soft delete.')
        : whenKnown([store.softDeleteDays], (days) =>
            days === null ? problem('Deleted objects are gone at once.', `Run \`az storage blob service-properties delete-policy update --account-name ${store.account} --enable true --days-retained 7\`.`) : ok(`Deleted objects can be brought back for ${days} days, and are paid for as long.`),
          ),
  },
  {
    id: 'store-versions',
    title: 'What retention removes is not kept as a version',
    severity: 'information',
    answers: ['B38'],
    decide: ({ store }) =>
      whenKnown([store.versions], (versions) => (versions ? problem('Objects have versions: a deleted backup stays as a version, and is paid for, until a lifecycle rule removes it.', 'Add a lifecycle rule that deletes previous versions after some days.') : ok('Objects have no versions.'))),
  },
  {
    id: 'policy-proof',
    title: 'Backups are proven, and so something expires',
    severity: 'warning',
    answers: ['B31'],
    decide: ({ proves }) => (proves ? ok('Each backup is restored and compared.') : problem('Nobody proves the backups, and only proven ones count: nothing will ever expire.', 'Set `proof.after: every`, or run `pgconvoy backup verify` on some of them.')),
  },
  {
    id: 'policy-keeps-little',
    title: 'The policy keeps more than the last few',
    severity: 'information',
    answers: [],
    decide: ({ retention }) => {
      const days = longestDays(retention);
      return days >= 7 ? ok(`The oldest backup that it keeps is about ${periodText(days * DAY_MS)} old, when one is made each day.`) : problem(`The oldest backup that it keeps is about ${periodText(days * DAY_MS)} old: damage that is noticed later than that is in every backup.`, 'Raise `retention.keepLast`, or keep some by week and month.');
    },
  },
  {
    id: 'policy-encryption',
    title: 'Backups are sealed and signed',
    severity: 'warning',
    answers: ['B41'],
    decide: ({ sealed }) => (sealed ? ok('The policy names a key.') : problem('Whoever reads the store reads the data, and whoever writes to it can put something else in its place.', 'Make a key by `pgconvoy backup keygen`, keep a copy of it elsewhere, and name it under `encryption`.')),
  },
  {
    id: 'policy-clock-change',
    title: 'Every night of the schedule is on the clock',
    severity: 'warning',
    answers: [],
    decide: ({ skipped, retention }) => {
      if (skipped === null) return ok('It runs only by hand.');
      return skipped.length === 0 ? ok(`Clocks in ${retention.timeZone} are never put forward over its time.`) : problem(`There is no backup on ${skipped.slice(0, 3).map(({ day, time }) => `${day}, which has no ${time}`).join('; ')} in ${retention.timeZone}.`, 'Choose another hour.');
    },
  },
];

/** Runs every rule. */
export const judgePolicy = (facts: PolicyFacts): PolicyRuleReport[] => POLICY_RULES.map(({ id, title, severity, answers, decide }) => ({ id, title, severity, answers, ...decide(facts) }));
