/** What is wrong with synchronous replication as it is set (R73 to R80). A value that does not parse the server would not have taken. */
import { listNames, namesOf } from '../../preflight/fact.ts';
import { settingNumber } from '../../preflight/server-facts.ts';
import type { Finding } from '../finding.ts';
import { soleWritable, runningNodes, type ClusterPicture, type RunningNode } from '../show/picture.ts';
import { mayAcknowledge, parseSynchronousNames, type SynchronousNames } from './names.ts';

/** Longer than this, a standby that is gone holds up every commit for too long before the server takes the next (R80). */
const PATIENCE_MS = 10_000;

interface Setup {
  readonly picture: ClusterPicture;
  readonly primary: RunningNode;
  readonly names: SynchronousNames;
  readonly commit: string;
}

export function lintSynchronous(picture: ClusterPicture): readonly Finding[] {
  const primary = soleWritable(picture);
  if (primary === null) return [];
  const setting = (name: string): string => primary.server.settings[name]?.value ?? '';
  const names = parseSynchronousNames(setting('synchronous_standby_names'));
  if (names === null) return asynchronous(picture);
  const setup = { picture, primary, names, commit: setting('synchronous_commit') };
  return [listedPrimary, openList, unknownNames, notWaited, hanging, noSpare, delayedApply, slowToNotice, unpreparedStandbys].flatMap((lint) => lint(setup));
}

const asynchronous = ({ automaticFailover }: ClusterPicture): Finding[] =>
  automaticFailover ? [{ rule: 'asynchronous-failover', by: ['R60', 'HA34'], severity: 'information', node: null, reason: 'Replication is asynchronous: an automatic failover can lose the last commits.', remedy: 'Run `pgconvoy cluster sync` to let a standby confirm each commit.' }] : [];

const RECOMPUTE = 'Run `pgconvoy cluster sync`; it writes the list anew.';

const listedPrimary = ({ primary: { declaration }, names }: Setup): Finding[] =>
  names.names.includes(declaration.applicationName.toLowerCase()) ? [{ rule: 'lists-itself', by: ['HA32'], severity: 'warning', node: declaration.name, reason: 'Its synchronous_standby_names lists the primary itself, which never confirms.', remedy: RECOMPUTE }] : [];

const openList = ({ primary: { declaration }, names }: Setup): Finding[] =>
  names.names.includes('*') ? [{ rule: 'anybody-may-confirm', by: ['R73', 'HA33'], severity: 'warning', node: declaration.name, reason: 'synchronous_standby_names has a star: a copy that is no node may confirm a commit, and after a loss nobody can tell who has it.', remedy: RECOMPUTE }] : [];

function unknownNames({ picture, primary, names }: Setup): Finding[] {
  const standbys = picture.nodes.map(({ declaration }) => declaration).filter(({ role, name }) => role !== 'witness' && name !== primary.declaration.name);
  const unknown = names.names.filter((name) => name !== '*' && name !== primary.declaration.applicationName.toLowerCase() && !standbys.some(({ applicationName }) => applicationName.toLowerCase() === name));
  return unknown.length === 0 ? [] : [{ rule: 'unknown-names', by: ['R73', 'HA32'], severity: 'warning', node: null, reason: `synchronous_standby_names lists what is no standby: ${listNames(namesOf(unknown))}.`, remedy: RECOMPUTE }];
}

const notWaited = ({ commit, primary }: Setup): Finding[] =>
  commit === 'off' || commit === 'local' ? [{ rule: 'commit-does-not-wait', by: ['R73', 'R17'], severity: 'warning', node: primary.declaration.name, reason: `synchronous_commit is ${commit}: commits wait for no standby, although some are listed.`, remedy: 'ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();' }] : [];

const attachedTo = ({ primary, names }: Setup): number => primary.server.senders.filter(({ state, applicationName }) => state === 'streaming' && mayAcknowledge(names, applicationName)).length;

function hanging(setup: Setup): Finding[] {
  const attached = attachedTo(setup);
  if (attached >= setup.names.count) return [];
  return [{ rule: 'writes-hang', by: ['R74', 'R75', 'HA30'], severity: 'blocking', node: setup.primary.declaration.name, reason: `${setup.names.count} standbys must confirm each commit and ${attached} can: commits hang, whatever statement_timeout says.`, remedy: 'Bring a standby back, or run `pgconvoy cluster sync --off`, which is audited and ends by itself.' }];
}

function noSpare(setup: Setup): Finding[] {
  const attached = attachedTo(setup);
  if (attached !== setup.names.count) return [];
  return [{ rule: 'no-spare-standby', by: ['R75', 'R76', 'R79'], severity: 'warning', node: null, reason: `${setup.names.count} must confirm and ${attached} can: commits hang as soon as one is lost. PostgreSQL does not fall back to asynchronous.`, remedy: 'Add a standby and widen the list with `pgconvoy cluster sync`.' }];
}

const delayedApply = ({ picture, names, commit }: Setup): Finding[] =>
  commit !== 'remote_apply' ? [] : picture.nodes.filter(({ declaration }) => declaration.applyDelayMs > 0 && mayAcknowledge(names, declaration.applicationName)).map(({ declaration }) => ({
    rule: 'delayed-remote-apply', by: ['R77', 'HA29'], severity: 'blocking', node: declaration.name, reason: `It applies ${declaration.applyDelayMs / 1000} s late, and remote_apply lets each commit wait for that.`, remedy: 'Take it from synchronous_standby_names, or set synchronous_commit to on.',
  }));

function slowToNotice({ primary }: Setup): Finding[] {
  const timeout = settingNumber(primary.server.settings, 'wal_sender_timeout') ?? 0;
  if (timeout > 0 && timeout <= PATIENCE_MS) return [];
  return [{ rule: 'slow-to-notice', by: ['R80'], severity: 'information', node: primary.declaration.name, reason: `A standby that is gone is noticed ${timeout === 0 ? 'never' : `after ${timeout / 1000} s`} (wal_sender_timeout); commits stall until then, even with others waiting to take over.`, remedy: `ALTER SYSTEM SET wal_sender_timeout = '5s'; SELECT pg_reload_conf();` }];
}

/** A node that may become primary acknowledges alone from its first instant on, unless its own list is set before (HA31). */
const unpreparedStandbys = ({ picture }: Setup): Finding[] =>
  runningNodes(picture).filter(({ server, declaration }) => server.inRecovery && declaration.priority > 0 && (server.settings['synchronous_standby_names']?.value ?? '').trim() === '').map(({ declaration }) => ({
    rule: 'standby-without-names', by: ['HA31', 'R64'], severity: 'information', node: declaration.name, reason: 'Its own synchronous_standby_names is empty: promoted by hand, it would acknowledge alone.', remedy: 'Promote it by `pgconvoy cluster switchover` or `failover`, which set the list before.',
  }));
