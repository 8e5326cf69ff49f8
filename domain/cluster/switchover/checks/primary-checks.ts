/** Whether the primary stops fast and comes back as a standby. */
import { showSeconds } from '../../../preflight/amounts.ts';
import { counted, listNames, namesOf } from '../../../preflight/fact.ts';
import { ok, problem, whenKnown, whenNone } from '../../../preflight/rule.ts';
import { settingNumber } from '../../../preflight/server-facts.ts';
import { lintCommand } from '../../settings/archiving.ts';
import { reportFact, serverFact, type SwitchoverCheck } from '../check.ts';
import type { SwitchoverFacts } from '../facts.ts';

const primaryServer = (facts: SwitchoverFacts) => serverFact(facts.primary.report, facts);

/** From this major on the server itself carries logical slots to standbys. */
const CARRIES_SLOTS = 17;

export const primaryChecks: readonly SwitchoverCheck[] = [
  {
    id: 'no-backup', title: 'No base backup runs', severity: 'blocking', by: ['C2', 'HA26'],
    decide: ({ load }) => whenKnown([load], ({ backups }) => whenNone(namesOf(backups), { none: 'None runs.', some: 'These would be broken off', remedy: 'Wait for them.' })),
  },
  {
    id: 'archiver', title: 'The archiver does not hold up the stop', severity: 'blocking', by: ['C2', 'HA24'],
    decide: (facts) => whenKnown([primaryServer(facts)], ({ archiver, settings }) => {
      if ((settings['archive_mode']?.value ?? 'off') === 'off') return ok('Archiving is off.');
      const evidence = `${counted(archiver.readyFiles, 'segment')} wait to be archived${archiver.failing ? ', and the last attempt failed' : ''}.`;
      return !archiver.failing && archiver.readyFiles <= facts.limits.readyFiles ? ok(evidence) : problem(evidence, 'Look at pg_stat_archiver and the server log; a stop waits for the archiver.');
    }),
  },
  {
    id: 'archive-command', title: 'The archive settings survive a change of roles', severity: 'warning', by: ['R43', 'HA42'],
    decide: (facts) => whenKnown([serverFact(facts.candidate.report, facts)], ({ settings }) => {
      if ((settings['archive_mode']?.value ?? 'off') === 'off') return ok('Archiving is off on the candidate.');
      if ((settings['archive_library']?.value ?? '') !== '') return ok('A library archives.');
      const [finding] = lintCommand(facts.candidate.declaration.name, settings['archive_command']?.value ?? '');
      return finding === undefined ? ok('Nothing is wrong with archive_command that can be seen.') : problem(finding.reason, finding.remedy);
    }),
  },
  {
    id: 'followers-move', title: 'No other follower holds up the stop', severity: 'blocking', by: ['C2', 'HA23'],
    decide: (facts) => whenKnown([primaryServer(facts)], ({ senders, settings }) => {
      const stuck = senders.filter(({ replyAgeMs }) => replyAgeMs === null || replyAgeMs > facts.limits.senderSilenceMs).map(({ applicationName }) => applicationName);
      const timeout = settingNumber(settings, 'wal_sender_timeout') ?? 0;
      return whenNone(namesOf(stuck), { none: 'All reply.', some: `A fast stop waits for those that do not reply, ${timeout === 0 ? 'for ever' : `up to ${showSeconds(timeout / 1000)}`}`, remedy: 'End their walsenders, or look what froze them.' });
    }),
  },
  {
    id: 'oldest-transaction', title: 'No long transaction holds up the drain', severity: 'warning', by: ['C2', 'HA47', 'R38'],
    decide: ({ load, limits }) => whenKnown([load], ({ oldestTransactionMs, oldestTransactionOf }) => {
      const evidence = oldestTransactionMs === 0 ? 'No transaction is open.' : `The oldest transaction is ${showSeconds(oldestTransactionMs / 1000)} old${oldestTransactionOf === null ? '' : ` (${oldestTransactionOf})`}.`;
      return oldestTransactionMs <= limits.drainMs ? ok(evidence) : problem(evidence, `Wait for it; it is ended ${showSeconds(limits.drainMs / 1000)} after the drain begins.`);
    }),
  },
  {
    id: 'prepared-transactions', title: 'No prepared transaction goes along', severity: 'warning', by: ['C2', 'HA46'],
    decide: (facts) => whenKnown([primaryServer(facts)], ({ preparedTransactions }) => whenNone(namesOf(preparedTransactions), { none: 'None is there.', some: 'These survive the switch and hold their locks', remedy: 'Let their owner finish them.' })),
  },
  {
    id: 'logical-slots', title: 'Logical slots are there afterwards', severity: 'blocking', by: ['C2', 'HA40', 'R16'],
    decide: (facts) => whenKnown([primaryServer(facts), serverFact(facts.candidate.report, facts)], ({ logicalSlots, major }, candidate) => {
      const ready = new Set(candidate.logicalSlots.filter(({ synced }) => synced).map(({ name }) => name));
      const missing = logicalSlots.filter(({ name, failover }) => !(failover && ready.has(name))).map(({ name }) => name);
      const remedy = major >= CARRIES_SLOTS ? 'Make them failover slots, set sync_replication_slots on the candidate, and wait until they are synced.' : `Before ${CARRIES_SLOTS} they are not carried: plan a new snapshot for their readers, and drop them first.`;
      return whenNone(namesOf(missing), { none: 'None would be lost.', some: 'These are not on the candidate, and their readers lose changes', remedy });
    }),
  },
  {
    id: 'rewindable', title: 'The old primary could be rewound', severity: 'warning', by: ['C2', 'HA18'],
    decide: (facts) => whenKnown([reportFact(facts.primary.report, facts)], ({ control }) =>
      whenKnown([control], ({ walLogHints, dataChecksums, fullPageWrites }) =>
        (walLogHints || dataChecksums) && fullPageWrites ? ok('It could.') : problem('It has neither hints nor checksums, or no full page writes: if its end does not fit, it has to be cloned.', 'ALTER SYSTEM SET wal_log_hints = on; and restart it.'))),
  },
  {
    id: 'session-state', title: 'Sessions hold nothing that dies with the switch', severity: 'information', by: ['HA60'],
    decide: ({ load, route }) => whenKnown([load], ({ sessionStates }) =>
      sessionStates.length === 0 ? ok('None does.') : problem(`${listNames(namesOf(sessionStates))}${route.poolMode === 'session' ? '; a pooler in session mode waits for such sessions' : ''}.`, 'Temporary tables, advisory locks, LISTEN and cursors end with their session; pool by transaction.')),
  },
];
