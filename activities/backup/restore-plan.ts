import { type ArchiveToc, readToc } from '../../domain/backup/archive-toc.ts';
import { chooseEntries, isWhole, type Selection } from '../../domain/backup/choose-entries.ts';
import { planSteps } from '../../domain/backup/restore-steps.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { lendRoles, takeBackRoles } from '../../postgres/backup/lent-rights.ts';
import { createMissingRoles, listMissingRoles } from '../../postgres/backup/restore-roles.ts';
import { listTablespaces, listUnavailableExtensions } from '../../postgres/backup/restored-state.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { type OpenBackup, readWhole } from './open-backup.ts';
import type { RestoreJob, RestoreProgress } from './restore-target.ts';

export interface RestorePlanOrder {
  readonly runId: string;
  readonly backup: OpenBackup;
  readonly server: ServerAddress;
  readonly clients: (atLeastMajor: number) => Promise<PostgresInstallation>;
  readonly selection: Selection;
  readonly lanes: number;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** What to do about roles that the server does not have. */
  readonly missingRoles: 'create' | 'refuse';
  readonly signal: AbortSignal;
  readonly tell: (progress: RestoreProgress) => void;
}

export interface PlannedRestore {
  readonly job: RestoreJob;
  /** Without a password, which no backup has. */
  readonly rolesMade: readonly string[];
  /** Roles that our own was made a member of, for as long as the restore takes. */
  readonly lent: readonly string[];
  /** What does not come along, in words. */
  readonly leftOut: readonly string[];
}

/** Looks at what is there before anything is made. Errors: `preflight_failed` with everything that is in the way, `input_invalid`, `backup_damaged`. */
export async function planRestore(order: RestorePlanOrder): Promise<PlannedRestore> {
  const { backup, server, selection, signal } = order;
  const { manifest } = backup;
  const stream = manifest.archive.format !== 'directory';
  if (manifest.archive.format === 'cluster') throw wholeCluster(backup);
  if (stream && !isWhole(selection)) throw new OperationError('input_invalid', `backup ${backup.backupId} is one stream, of which no part can be chosen`, { hint: 'Restore all of it under another name, and take out of that what is wanted.' });
  const tocBytes = stream ? Buffer.alloc(0) : await readWhole(backup, tocOf(backup), signal);
  const toc = stream ? emptyToc(backup) : readToc(tocBytes);
  const { ids, leftOut, unknown } = chooseEntries(toc, selection);
  if (unknown.length > 0) throw new OperationError('input_invalid', `backup ${backup.backupId} has no ${unknown.join(', no ')}`, { hint: `\`pgconvoy backup show ${backup.backupId}\` lists its tables.` });
  await using session = await connect(server, { purpose: `restore_${order.runId}` });
  const chosen = toc.entries.filter(({ id }) => ids.has(id));
  const tablespaces = await listTablespaces(session);
  const missingSpaces = [...new Set(chosen.map(({ tablespace }) => tablespace).filter((name): name is string => name !== null && !tablespaces.has(name)))];
  const extensions = await listUnavailableExtensions(session, stream ? manifest.source.extensions.map(({ name }) => name) : chosen.filter(({ kind }) => kind === 'EXTENSION').map(({ tag }) => tag));
  const owners = chosen.map(({ owner }) => owner).filter((owner): owner is string => owner !== null);
  const wanted = order.owners || order.privileges ? [...manifest.roles, ...owners, manifest.source.owner] : [];
  const missing = await listMissingRoles(session, wanted);
  refuse(order, session, { extensions, roles: order.missingRoles === 'refuse' ? missing : [] });
  await createMissingRoles(session, missing);
  const lent = order.owners ? await becomeMember(order, session, [...owners, manifest.source.owner]) : [];
  const job: RestoreJob = {
    ...order,
    toc,
    tocBytes,
    stream,
    chosen: ids,
    steps: planSteps(toc, manifest, ids),
    major: session.major,
    clients: await order.clients(Math.max(session.major, Number.parseInt(manifest.source.clientVersion, 10))),
    tablespaces: missingSpaces.length === 0,
  };
  return { job, rolesMade: missing, lent, leftOut: [...leftOut, ...(stream ? ['grants and comment of the database itself, which no single stream has'] : []), ...missingSpaces.map((name) => `tablespace ${name}, which is not on server ${server.name}: all goes where the database is`)] };
}

/** A role that is no superuser gives objects only to roles that it is a member of. */
async function becomeMember({ backup, server }: RestorePlanOrder, session: Session, owners: readonly string[]): Promise<readonly string[]> {
  const { lent, refused } = await lendRoles(session, [...new Set(owners)]);
  if (refused.length === 0) return lent;
  await takeBackRoles(session, lent);
  throw new OperationError('preflight_failed', `backup ${backup.backupId} cannot be restored to server ${server.name} as it is`, {
    detail: `Role ${server.user} may not give objects to the roles ${refused.join(', ')}.`,
    hint: 'Make it a member of them, or restore without owners: `--no-owner`.',
  });
}

function refuse({ backup, server }: RestorePlanOrder, session: Session, { extensions, roles }: { extensions: readonly string[]; roles: readonly string[] }): void {
  const { serverMajor } = backup.manifest.source;
  const problems = [
    ...(session.major < serverMajor ? [`It was taken from PostgreSQL ${serverMajor}, and server ${server.name} is ${session.major}: a restore goes to the same major or a newer one.`] : []),
    ...(extensions.length > 0 ? [`Server ${server.name} does not have the extensions ${extensions.join(', ')}.`] : []),
    ...(roles.length > 0 ? [`Server ${server.name} does not have the roles ${roles.join(', ')}.`] : []),
  ];
  if (problems.length === 0) return;
  throw new OperationError('preflight_failed', `backup ${backup.backupId} cannot be restored to server ${server.name} as it is`, {
    detail: problems.join('\n'),
    hint: roles.length > 0 ? 'Create the roles, or let the restore create them without the right to log in: `--create-roles`.' : 'Install what is missing, or choose another server.',
  });
}

function tocOf(backup: OpenBackup) {
  const file = backup.manifest.files.find(({ kind }) => kind === 'toc');
  if (file !== undefined) return file;
  throw new OperationError('backup_damaged', `the manifest of backup ${backup.backupId} names no table of contents`);
}

const emptyToc = ({ manifest }: OpenBackup): ArchiveToc => ({ database: manifest.database, serverVersion: manifest.source.serverVersion, clientVersion: manifest.source.clientVersion, encoding: manifest.source.encoding, entries: [] });

const wholeCluster = ({ backupId }: OpenBackup): OperationError =>
  new OperationError('input_invalid', `backup ${backupId} is of a whole cluster, which is restored by hand`, { detail: 'It makes roles and databases, under the names they had, on the server that it is given to.', hint: 'Download and unpack it as docs/backup-format.md says, and give it to psql of an empty server. A policy of this format needs `proof.after: never`.' });
