/** Settings of standbys beside the primary's (R3, R8, R64): roles swap, so both have to fit. */
import { settingNumber, type Settings } from '../../preflight/server-facts.ts';
import type { Finding } from '../finding.ts';
import { runningNodes, soleWritable, type ClusterPicture } from '../show/picture.ts';

/** A standby with less of these does not start, or stops replaying. https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN */
export const NOT_LESS = ['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction'] as const;

/** What should be the same, or the cluster behaves otherwise after a change of roles. */
const THE_SAME = ['wal_level', 'full_page_writes', 'wal_log_hints', 'archive_mode', 'shared_preload_libraries'] as const;

/** The differences of one standby from the primary. */
export function compareSettings(node: string, standby: Settings, primary: Settings): readonly Finding[] {
  const less = NOT_LESS.filter((name) => (settingNumber(standby, name) ?? Infinity) < (settingNumber(primary, name) ?? 0));
  const different = THE_SAME.filter((name) => standby[name] !== undefined && primary[name] !== undefined && standby[name].value !== primary[name].value);
  return [
    ...less.map((name): Finding => ({
      rule: 'less-than-primary', by: ['HA45', 'R64'], severity: 'blocking', node, reason: `${name} is ${standby[name]?.value}, on the primary ${primary[name]?.value}: the standby stops replaying or does not start.`,
      remedy: 'Raise it on the standby first and restart it; to lower it, begin with the primary.',
    })),
    ...different.map((name): Finding => ({
      rule: 'other-than-primary', by: ['R64', 'R8', ...(name === 'shared_preload_libraries' ? (['HA55'] as const) : [])], severity: 'warning', node, reason: `${name} is ${show(standby[name]?.value)}, on the primary ${show(primary[name]?.value)}.`, remedy: 'Set it the same on both; roles swap.',
    })),
    ...(standby['recovery_target_timeline'] !== undefined && standby['recovery_target_timeline'].value !== 'latest'
      ? [{ rule: 'target-timeline', by: ['R64'], severity: 'blocking', node, reason: `recovery_target_timeline is ${standby['recovery_target_timeline'].value}: it does not follow a promotion.`, remedy: "ALTER SYSTEM SET recovery_target_timeline = 'latest'; and restart it." } as const]
      : []),
  ];
}

const show = (value: string | undefined): string => (value === undefined || value === '' ? 'empty' : value);

export function lintParity(picture: ClusterPicture): readonly Finding[] {
  const primary = soleWritable(picture);
  if (primary === null) return [];
  return runningNodes(picture).filter(({ server }) => server.inRecovery).flatMap(({ declaration, server }) => compareSettings(declaration.name, server.settings, primary.server.settings));
}
