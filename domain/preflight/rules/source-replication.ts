import { showBytes, showSeconds } from '../amounts.ts';
import { listNames, namesOf } from '../fact.ts';
import { estimateCopySeconds } from './estimate.ts';
import { BOTH, ONLINE, ok, problem, unknown, whenKnown, whenNone, type Outcome, type Rule } from '../rule.ts';
import { settingNumber } from '../server-facts.ts';
import { patience, pool } from './server-rules.ts';
import type { Blocker, TrialSlot } from '../source-facts.ts';

/** Slot, snapshot and log on the source. */
export const sourceReplicationRules: readonly Rule[] = [
  {
    id: 'source-wal-level',
    title: 'The log carries logical changes',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ source }) =>
      whenKnown([source.settings], (settings) => {
        const level = settings['wal_level']?.value;
        return level === 'logical' ? ok('wal_level is logical.') : problem(`wal_level is ${level}.`, 'ALTER SYSTEM SET wal_level = logical; and restart the source.');
      }),
  },
  {
    id: 'source-free-slots',
    title: 'A replication slot is free',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F49'],
    decide: ({ source }) => whenKnown([source.settings, source.slots], (settings, { used }) => pool(settings, { setting: 'max_replication_slots', used, needed: 1, what: 'replication slots' })),
  },
  {
    id: 'source-spare-slot',
    title: 'A second slot is free, for a second generation of the copy',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F43'],
    decide: ({ source }) => whenKnown([source.settings, source.slots], (settings, { used }) => pool(settings, { setting: 'max_replication_slots', used, needed: 2, what: 'replication slots' })),
  },
  {
    id: 'source-free-walsenders',
    title: 'Walsenders are free for the snapshot holder and the subscription',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F49'],
    decide: ({ source }) => whenKnown([source.settings, source.slots], (settings, { walsenders }) => pool(settings, { setting: 'max_wal_senders', used: walsenders, needed: 2, what: 'walsenders' })),
  },
  {
    id: 'source-trial-slot',
    title: 'A logical slot can be made now',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F39'],
    decide: ({ source }) => whenKnown([source.trialSlot], judgeTrial),
  },
  {
    id: 'source-long-transactions',
    title: 'No old transaction delays the slot',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F39'],
    decide: ({ source }) =>
      whenKnown([source.longTransactions], (blockers) =>
        blockers.length === 0
          ? ok('No transaction with a transaction id is older than 10 min.')
          : problem(`${blockers.length} transactions are older than 10 min: ${nameBlockers(blockers)}.`, `Wait for them, or end them: ${terminate(blockers)}`),
      ),
  },
  {
    id: 'source-prepared-transactions',
    title: 'No prepared transaction delays the slot',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F39'],
    decide: ({ source }) =>
      whenKnown([source.preparedTransactions], (prepared) =>
        prepared.length === 0
          ? ok('No transaction is prepared.')
          : problem(`${prepared.length} transactions are prepared, and the slot waits for each: ${nameBlockers(prepared)}.`, `Let their manager finish them, or ROLLBACK PREPARED '${prepared[0]?.query}'; in their database.`),
      ),
  },
  {
    id: 'source-slot-wal-limit',
    title: 'The slot is not cut off while the copy runs',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F40'],
    decide: (facts) =>
      whenKnown([facts.source.settings, facts.source.walBytesPerSecond, facts.source.database], (settings, rate, { bytes }) => {
        const limitMb = settingNumber(settings, 'max_slot_wal_keep_size');
        if (limitMb === undefined || limitMb < 0) return ok('The log kept for a slot has no limit.');
        const needed = rate * estimateCopySeconds(facts.path, bytes) * 2;
        const evidence = `max_slot_wal_keep_size is ${showBytes(limitMb * MB)}; about ${showBytes(needed)} of log are expected until the target has caught up (twice the copy at ${showBytes(rate)}/s).`;
        return needed < limitMb * MB ? ok(evidence) : problem(evidence, 'ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf(); and watch the disk.');
      }),
  },
  {
    id: 'source-idle-slot-timeout',
    title: 'No timer invalidates the slot in a pause',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F40'],
    decide: ({ source }) =>
      whenKnown([source.settings], (settings) => {
        const seconds = settingNumber(settings, 'idle_replication_slot_timeout') ?? 0;
        if (seconds === 0) return ok('Idle slots are not invalidated.');
        return problem(`idle_replication_slot_timeout is ${showSeconds(seconds)}; the slot is idle while tables are copied.`, 'ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();');
      }),
  },
  {
    id: 'source-wal-on-disk',
    title: 'The source has room for the log that the slot keeps',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F41'],
    decide: (facts) =>
      whenKnown([facts.source.walBytesPerSecond, facts.source.database], (rate, { bytes }) => {
        const seconds = estimateCopySeconds(facts.path, bytes);
        return unknown(
          `PostgreSQL does not tell the free space of its disk; at ${showBytes(rate)}/s the slot keeps about ${showBytes(rate * seconds)} of log during a copy of ${showSeconds(seconds)}.`,
          `Look that the disk of pg_wal on the source has at least ${showBytes(rate * seconds * 2)} free.`,
        );
      }),
  },
  {
    id: 'source-idle-slots',
    title: 'No forgotten slot holds log',
    severity: 'warning',
    modes: BOTH,
    answers: ['F41', 'F63'],
    decide: ({ source }) =>
      whenKnown([source.slots], ({ idle }) =>
        whenNone(idle, { none: 'Every replication slot has a reader.', some: `${idle.count} slots have no reader and hold log`, remedy: "If nobody comes back for it: SELECT pg_drop_replication_slot('<name>');" }),
      ),
  },
  {
    id: 'source-wal-sender-timeout',
    title: 'A slow target is not dropped',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F48'],
    decide: ({ source }) => whenKnown([source.settings], (settings) => patience(settings, 'wal_sender_timeout')),
  },
  {
    id: 'source-decoding-memory',
    title: 'Large transactions are decoded in memory',
    severity: 'information',
    modes: ONLINE,
    answers: ['F47'],
    decide: ({ source }) =>
      whenKnown([source.settings], (settings) => {
        const kilobytes = settingNumber(settings, 'logical_decoding_work_mem');
        if (kilobytes === undefined) return ok('This major has no logical_decoding_work_mem; it spills after 4096 changes.');
        const evidence = `logical_decoding_work_mem is ${showBytes(kilobytes * 1024)}.`;
        return kilobytes >= 64 * 1024 ? ok(evidence) : problem(evidence, "ALTER SYSTEM SET logical_decoding_work_mem = '64MB'; SELECT pg_reload_conf();");
      }),
  },
];

const MB = 1024 * 1024;

function judgeTrial(trial: TrialSlot): Outcome {
  switch (trial.outcome) {
    case 'created':
      return ok(`A temporary slot was made in ${showSeconds(trial.waitedSeconds)} and dropped at once.`);
    case 'refused':
      return problem(`The server refused a trial slot: ${trial.reason}.`, 'Run `pgconvoy grants <server>` for the role; wal_level and free slots have rules of their own.');
    case 'waited':
      return problem(
        `A trial slot was given up after ${showSeconds(trial.waitedSeconds)} of waiting for older transactions: ${nameBlockers(trial.blockers) || 'none that we may see'}.`,
        trial.blockers.length === 0 ? 'Look at pg_stat_activity and pg_prepared_xacts as a superuser.' : `Wait for them, or end them: ${terminate(trial.blockers)}`,
      );
  }
}

const nameBlockers = (blockers: readonly Blocker[]): string =>
  listNames(namesOf(blockers.map(({ pid, user, ageSeconds, query }) => (pid === 0 ? `prepared ${query} of ${user}` : `pid ${pid} of ${user} since ${showSeconds(ageSeconds)} (${query})`))));

/** The statement that ends a blocker; a prepared transaction has no process to end. */
function terminate(blockers: readonly Blocker[]): string {
  const [first] = blockers;
  if (first === undefined) return '';
  return first.pid === 0 ? `ROLLBACK PREPARED '${first.query}';` : `SELECT pg_terminate_backend(${first.pid});`;
}
