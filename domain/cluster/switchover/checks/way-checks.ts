/** Whether the ways are open: logins both ways, files, route, and nobody else at work. */
import { showSeconds } from '../../../preflight/amounts.ts';
import type { Fact } from '../../../preflight/fact.ts';
import { ok, problem, whenKnown, type Outcome } from '../../../preflight/rule.ts';
import { serverFact, type SwitchoverCheck } from '../check.ts';
import type { Trial } from '../facts.ts';

const tried = (trial: Fact<Trial>, done: string, remedy: string): Outcome => whenKnown([trial], (result) => (result.outcome === 'done' ? ok(done) : problem(`Refused: ${result.reason}.`, remedy)));

/** Above this the restore_command stretches the promotion, which calls it about five times. */
const QUICK_RESTORE_MS = 20;

export const wayChecks: readonly SwitchoverCheck[] = [
  {
    id: 'replication-login', title: 'The old primary can follow the candidate', severity: 'blocking', by: ['C2', 'R63', 'HA55'],
    decide: ({ replicationLogin }) => tried(replicationLogin, 'A replication connection was made.', 'Add the host of the old primary to pg_hba.conf of the candidate, and its password to the passfile.'),
  },
  {
    id: 'application-login', title: 'Applications can log in at the candidate', severity: 'blocking', by: ['C2', 'HA55'],
    decide: ({ applicationLogin }) => tried(applicationLogin, 'A login as the application was made.', 'Compare pg_hba.conf of both nodes.'),
  },
  {
    id: 'configuration', title: 'We may write what has to be written', severity: 'blocking', by: ['C2', 'HA17'],
    decide: ({ configurationOwned }) => tried(configurationOwned, 'The files of both nodes can be written.', 'Give the files to the user the agent runs as.'),
  },
  {
    id: 'restore-command', title: 'restore_command does not stretch the promotion', severity: 'warning', by: ['C3'],
    decide: ({ restoreCommandMs }) => whenKnown([restoreCommandMs], (ms) => {
      if (ms === null) return ok('There is none.');
      return ms <= QUICK_RESTORE_MS ? ok(`It takes ${ms} ms.`) : problem(`It takes ${showSeconds(ms / 1000)}, and a promotion calls it about five times.`, 'From 14 on it is put aside for the window; before, make it quick.');
    }),
  },
  {
    id: 'siblings', title: 'The other standbys are there to follow', severity: 'warning', by: ['C3', 'HA38'],
    decide: (facts) => {
      const missing = facts.siblings.filter(({ report }) => report === null || 'failed' in serverFact(report, facts)).map(({ declaration }) => declaration.name);
      return missing.length === 0 ? ok(`${facts.siblings.length} follow.`) : problem(`${missing.join(', ')} do not answer and will have to be led back later.`, 'Bring them back first.');
    },
  },
  {
    id: 'nobody-else', title: 'Nothing else holds the cluster', severity: 'blocking', by: ['HA59', 'C1'],
    decide: ({ otherOperation }) => (otherOperation === null ? ok('Nothing does.') : problem(`${otherOperation} does.`, 'Wait for it, or abort it.')),
  },
  {
    id: 'cool-down', title: 'The cool-down is over', severity: 'blocking', by: ['R30', 'HA51', 'C2'],
    decide: ({ lastRoleChangeMs, limits }) => {
      if (lastRoleChangeMs === null) return ok('Roles have never changed.');
      const evidence = `Roles changed ${showSeconds(lastRoleChangeMs / 1000)} ago; the cool-down is ${showSeconds(limits.coolDownMs / 1000)}.`;
      return lastRoleChangeMs >= limits.coolDownMs ? ok(evidence) : problem(evidence, 'Wait, or use `--no-cool-down` when redundancy is seen to be back.');
    },
  },
  {
    id: 'route', title: 'The route can be switched', severity: 'blocking', by: ['C5', 'R61'],
    decide: ({ routeSwitchMs, route }) => whenKnown([routeSwitchMs], (ms) => {
      if (route.kind === 'multi-host') return ok('Applications know all hosts; there is nothing to switch.');
      return ok(ms === null ? 'A hook switches it; how long that takes is not known before.' : `The ${route.kind} answers in ${ms} ms.`);
    }),
  },
];

