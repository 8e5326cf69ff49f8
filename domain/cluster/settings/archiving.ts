/**
 * Archive settings (R43, R78, HA42). A shell command is judged by the few forms that people write by hand; of a program that is made for archiving, and
 * of what we do not understand, nothing is said.
 */
import type { Finding } from '../finding.ts';
import { runningNodes, type ClusterPicture, type RunningNode } from '../show/picture.ts';

export function lintArchiving(picture: ClusterPicture): readonly Finding[] {
  const running = runningNodes(picture);
  return [...running.flatMap((node) => lintNode(node, picture)), ...sharedDirectories(running)];
}

const setting = ({ server }: RunningNode, name: string): string => (server.settings[name]?.value ?? '').trim();
const archives = (node: RunningNode): boolean => ['on', 'always'].includes(setting(node, 'archive_mode'));

function lintNode(node: RunningNode, { limits }: ClusterPicture): Finding[] {
  if (!archives(node)) return [];
  const name = node.declaration.name;
  const { archiver, inRecovery } = node.server;
  const found = setting(node, 'archive_library') === '' ? lintCommand(name, setting(node, 'archive_command')) : [];
  const busy = !inRecovery || setting(node, 'archive_mode') === 'always';
  if (busy && (archiver.failing || archiver.readyFiles > limits.readyFiles)) {
    found.push({ rule: 'archiver-behind', by: ['HA24'], severity: 'warning', node: name, reason: `${archiver.readyFiles} segments wait to be archived${archiver.failing ? ', and the last attempt failed' : ''}; a stop waits for them.`, remedy: 'Look at pg_stat_archiver and the server log.' });
  }
  return found;
}

/** Where `test ! -f` or `[ ! -f` looks, and where `cp` writes: with the name of the segment at the end. */
const GUARD = /(?:\btest|\[)\s+!\s+-[ef]\s+["']?([^\s"';&\]]+)/;
const COPY = /\bcp\s+(?:-\S+\s+)*["']?%p["']?\s+["']?([^\s"';&|]+)/;

export const copyTarget = (command: string): string | undefined => COPY.exec(command)?.[1];

export function lintCommand(node: string, command: string): Finding[] {
  const base = { node, by: ['R43', 'HA42'] as const };
  if (command === '') return [{ ...base, rule: 'archive-command-empty', severity: 'blocking', reason: 'archive_mode is on and archive_command is empty: the log is kept for ever.', remedy: 'Set archive_command, or archive_mode to off.' }];
  const target = copyTarget(command);
  if (target === undefined) return [];
  const guard = GUARD.exec(command)?.[1];
  if (guard === undefined && !/\bcp\s+(?:-\S+\s+)*-n\b/.test(command)) {
    return [{ ...base, rule: 'archive-overwrites', severity: 'blocking', reason: `archive_command replaces what is there: the history file of another fork is lost without a word (${command}).`, remedy: `archive_command = 'test ! -f ${target} && cp %p ${target}'` }];
  }
  if (guard !== undefined && fileIn(guard) !== fileIn(target)) {
    return [{ ...base, rule: 'archive-guard-elsewhere', severity: 'blocking', reason: `archive_command looks for ${guard} and writes ${target}: it guards nothing.`, remedy: `archive_command = 'test ! -f ${target} && cp %p ${target}'` }];
  }
  return [];
}

/** A folder to copy into is the segment in it. */
const fileIn = (path: string): string => (path.includes('%f') ? path : `${path.replace(/\/$/, '')}/%f`);

function sharedDirectories(running: readonly RunningNode[]): Finding[] {
  const groups = Map.groupBy(running.filter((node) => archives(node) && copyTarget(setting(node, 'archive_command')) !== undefined), (node) => fileIn(copyTarget(setting(node, 'archive_command'))!));
  return [...groups].filter(([, nodes]) => nodes.length > 1).map(([target, nodes]) => ({
    rule: 'archive-shared', by: ['R78', 'HA42'], severity: 'warning', node: null, reason: `${nodes.map(({ declaration }) => declaration.name).join(' and ')} archive to ${target}: the one that is promoted second finds the history file of another fork there.`,
    remedy: 'Give each node a folder of its own, or use pgBackRest.',
  }));
}
