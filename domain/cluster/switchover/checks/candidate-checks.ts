/** Whether the candidate can take over. */
import { hasReached, lsnDistance } from '../../../lsn.ts';
import { showBytes, showSeconds } from '../../../preflight/amounts.ts';
import { ok, problem, whenKnown } from '../../../preflight/rule.ts';
import { settingNumber } from '../../../preflight/server-facts.ts';
import { positionOf } from '../../position.ts';
import { compareSettings } from '../../settings/parity.ts';
import { overBoth, reportFact, serverFact, type SwitchoverCheck } from '../check.ts';

/** Before, a file beside the data directory ordered it, and the server looked for that every five seconds. */
const PROMOTES_BY_SQL = 12;

export const candidateChecks: readonly SwitchoverCheck[] = [
  {
    id: 'roles', title: 'The primary is writable and the candidate follows', severity: 'blocking', by: ['C2', 'R49'],
    decide: overBoth((primary, candidate, { primary: { declaration: from }, candidate: { declaration: to } }) => {
      if (primary.inRecovery) return problem(`${from.name} is in recovery.`, 'Run `pgconvoy cluster failover`, if it was promoted to be without a primary.');
      if (!candidate.inRecovery) return problem(`${to.name} is writable.`, 'Run `pgconvoy cluster show`: two nodes are writable.');
      return ok(`${from.name} is writable and ${to.name} is in recovery.`);
    }),
  },
  {
    id: 'same-system', title: 'Both are one system on one timeline', severity: 'blocking', by: ['R52', 'HA22'],
    decide: (facts) => whenKnown([reportFact(facts.primary.report, facts), reportFact(facts.candidate.report, facts)], (primary, candidate) =>
      whenKnown([primary.control, candidate.control, primary.server, candidate.server], (here, there, from, to) => {
        if (here.systemIdentifier !== there.systemIdentifier) return problem(`The system identifiers are ${here.systemIdentifier} and ${there.systemIdentifier}.`, 'Clone the candidate from the primary.');
        return from.timeline === to.timeline ? ok(`Both are on timeline ${from.timeline}.`) : problem(`The primary is on timeline ${from.timeline}, the candidate on ${to.timeline}.`, 'Run `pgconvoy cluster follow` for the candidate.');
      })),
  },
  {
    id: 'same-version', title: 'Both run the same major', severity: 'blocking', by: ['C2', 'R40'],
    decide: overBoth((primary, candidate) => (primary.major === candidate.major ? ok(`Both run ${primary.major}.`) : problem(`The primary runs ${primary.version}, the candidate ${candidate.version}.`, 'Physical replication needs one major; look at what is installed.'))),
  },
  {
    id: 'same-minor', title: 'Both run the same minor', severity: 'warning', by: ['HA50'],
    decide: overBoth((primary, candidate) => (primary.version === candidate.version ? ok(`Both run ${primary.version}.`) : problem(`The primary runs ${primary.version}, the candidate ${candidate.version}.`, 'Update both to the newer one; standbys first.'))),
  },
  {
    id: 'promotable-by-sql', title: 'The candidate can be promoted over a connection', severity: 'blocking', by: ['C5'],
    decide: overBoth((_, { major, version }) => (major >= PROMOTES_BY_SQL ? ok(`It runs ${version}.`) : problem(`It runs ${version}; pg_promote came with ${PROMOTES_BY_SQL}.`, 'Upgrade the cluster; `pgconvoy cluster failover` promotes older ones.'))),
  },
  {
    id: 'streams-directly', title: 'The candidate streams from the primary itself', severity: 'blocking', by: ['C2', 'HA38'],
    decide: overBoth((primary, { receiver }, { candidate: { declaration } }) => {
      const sender = primary.senders.find(({ applicationName }) => applicationName === declaration.applicationName);
      if (receiver === null || sender === undefined) return problem(`${declaration.name} does not stream from the primary.`, `Run \`pgconvoy cluster follow ${declaration.name}\`.`);
      return sender.state === 'streaming' ? ok('It streams.') : problem(`Its walsender is in state ${sender.state}.`, 'Wait until it has caught up.');
    }),
  },
  {
    id: 'lag', title: 'The candidate is close behind', severity: 'blocking', by: ['C2', 'R24'],
    decide: overBoth((primary, candidate, { limits }) => {
      const position = candidate.replayLsn ?? positionOf(candidate);
      if (primary.writeLsn === null || position === null) return problem('The positions are not known.', 'Look at pg_stat_replication on the primary.');
      const lag = lsnDistance(position, primary.writeLsn);
      const evidence = `${showBytes(lag)} of log are not replayed; the limit is ${showBytes(limits.lagBytes)}.`;
      return lag <= limits.lagBytes ? ok(evidence) : problem(evidence, 'Wait until it has caught up, or choose another hour.');
    }),
  },
  {
    id: 'replays', title: 'The candidate replays, without pause or delay', severity: 'blocking', by: ['C2', 'HA27', 'HA28'],
    decide: overBoth((_, { replayPaused, settings }, { candidate: { declaration } }) => {
      if (replayPaused) return problem('Its replay is paused.', 'SELECT pg_wal_replay_resume();');
      const delay = Math.max(settingNumber(settings, 'recovery_min_apply_delay') ?? 0, declaration.applyDelayMs);
      return delay === 0 ? ok('It replays at once.') : problem(`It applies ${showSeconds(delay / 1000)} late, and a promotion would apply everything at once.`, 'Choose another candidate.');
    }),
  },
  {
    id: 'electable', title: 'The candidate may be promoted', severity: 'blocking', by: ['R55', 'HA21'],
    decide: (facts) => whenKnown([reportFact(facts.candidate.report, facts)], ({ destructiveStep }) => {
      if (destructiveStep !== null) return problem(`${destructiveStep} began to rewrite its data directory and did not end.`, 'Run `pgconvoy cluster rejoin` for it.');
      return facts.candidate.declaration.priority > 0 ? ok(`Its priority is ${facts.candidate.declaration.priority}.`) : problem('Its priority is 0.', 'Choose another candidate, or register it with a priority.');
    }),
  },
  {
    id: 'parity', title: 'The settings fit both ways', severity: 'warning', by: ['R64', 'HA45'],
    decide: overBoth((primary, candidate, { candidate: { declaration } }) => {
      // After the switch the old primary is the standby: what it has less than the candidate counts then.
      const findings = [...compareSettings(declaration.name, candidate.settings, primary.settings), ...compareSettings('the old primary', primary.settings, candidate.settings).filter(({ rule }) => rule === 'less-than-primary')];
      return findings.length === 0 ? ok('They do.') : problem(findings.map(({ node, reason }) => `${node}: ${reason}`).join(' '), findings[0]!.remedy);
    }),
  },
  {
    id: 'free-walsenders', title: 'The candidate has walsenders and slots for everybody', severity: 'blocking', by: ['C2'],
    decide: (facts) => whenKnown([serverFact(facts.candidate.report, facts)], ({ settings, senders, physicalSlots, logicalSlots }) => {
      // The old primary and the siblings come; one connection is kept for a base backup.
      const needed = facts.siblings.length + 2;
      const walsenders = (settingNumber(settings, 'max_wal_senders') ?? 0) - senders.length;
      const slots = (settingNumber(settings, 'max_replication_slots') ?? 0) - physicalSlots.length - logicalSlots.length;
      const evidence = `${walsenders} walsenders and ${slots} slots are free; ${needed} of each are needed.`;
      return Math.min(walsenders, slots) >= needed ? ok(evidence) : problem(evidence, 'Raise max_wal_senders and max_replication_slots on the candidate, and restart it.');
    }),
  },
  {
    id: 'received-what-was-confirmed', title: 'No follower is ahead of the candidate', severity: 'information', by: ['HA37'],
    decide: overBoth((primary, candidate) => {
      const position = positionOf(candidate);
      const ahead = primary.senders.filter(({ flushLsn }) => flushLsn !== null && position !== null && !hasReached(position, flushLsn)).map(({ applicationName }) => applicationName);
      return ahead.length === 0 ? ok('None is.') : problem(`${ahead.join(', ')} have more than the candidate at this moment; the window waits until it has all.`, 'Nothing, unless it lasts.');
    }),
  },
];
