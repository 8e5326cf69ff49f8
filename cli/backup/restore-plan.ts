import type { Command } from 'commander';

import type { BackupRow } from '../../catalog/backups.ts';
import type { BackupManifest, ManifestTable } from '../../domain/backup/manifest.ts';
import { isWhole } from '../../domain/backup/states.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { databaseExists } from '../../postgres/backup/restored-database.ts';
import { listMissingRoles } from '../../postgres/backup/restore-roles.ts';
import { listUnavailableExtensions } from '../../postgres/backup/restored-state.ts';
import { connect } from '../../postgres/connection.ts';
import { secondsText } from '../migration/progress-text.ts';
import { timeText } from './list.ts';
import { storedManifest } from './stored-manifest.ts';

export interface RestoreWish {
  readonly backup: BackupRow;
  readonly target: ServerAddress;
  readonly database: string;
  readonly schemas?: readonly string[] | undefined;
  readonly tables?: readonly string[] | undefined;
}

export interface PlannedRestore {
  readonly backupId: string;
  readonly state: BackupRow['state'];
  readonly snapshotAt: string | null;
  readonly server: string;
  readonly database: string;
  readonly tables: number;
  readonly rows: number;
  /** Of the rows, uncompressed. */
  readonly bytes: number;
  /** How long the last restore of all of it took; null when there was none. */
  readonly lastRestoreSeconds: number | null;
  /** Refused, or made without a password, which no backup has. */
  readonly missingRoles: readonly string[];
  /** Full sentences: what would make it fail. */
  readonly problems: readonly string[];
}

/** What a restore would do, and what stands in its way; nothing is changed. */
export async function planRestore(wish: RestoreWish, command: Command): Promise<PlannedRestore> {
  const { backup, target, database } = wish;
  const manifest = await storedManifest(backup, command);
  const chosen = manifest.tables.filter((table) => isChosen(table, wish));
  const bytesOf = new Map(manifest.files.map(({ name, rawBytes }) => [name, rawBytes]));
  const { missingRoles, problems } = await lookAt(target, database, manifest);
  return {
    backupId: backup.backupId,
    state: backup.state,
    snapshotAt: backup.snapshotAt,
    server: target.name,
    database,
    tables: chosen.length,
    rows: chosen.reduce((sum, { rows }) => sum + rows, 0),
    bytes: chosen.reduce((sum, { file }) => sum + (file === null ? 0 : (bytesOf.get(file) ?? 0)), 0),
    lastRestoreSeconds: backup.restoreSeconds,
    missingRoles,
    problems: [...problems, ...unusable(backup), ...unknownNames(manifest, wish)],
  };
}

const isChosen = ({ schema, name }: ManifestTable, { schemas, tables }: RestoreWish): boolean => (schemas === undefined && tables === undefined) || schemas?.includes(schema) === true || tables?.includes(`${schema}.${name}`) === true;

async function lookAt(target: ServerAddress, database: string, { roles, source }: BackupManifest): Promise<{ missingRoles: string[]; problems: string[] }> {
  await using session = await connect(target, { purpose: 'restore_plan' });
  const extensions = await listUnavailableExtensions(session, source.extensions.map(({ name }) => name));
  return {
    missingRoles: await listMissingRoles(session, roles),
    problems: [
      ...((await databaseExists(session, database)) ? [`Database "${database}" exists on server "${target.name}" already; nothing that exists is ever overwritten.`] : []),
      ...extensions.map((name) => `Extension "${name}" is not installed on the machine of server "${target.name}".`),
      ...(session.major < source.serverMajor ? [`Server "${target.name}" has PostgreSQL ${session.major}, older than the ${source.serverMajor} of the backup.`] : []),
    ],
  };
}

const unusable = ({ backupId, state }: BackupRow): string[] => (isWhole(state) ? [] : [`Backup "${backupId}" is ${state}.`]);

function unknownNames(manifest: BackupManifest, { schemas = [], tables = [] }: RestoreWish): string[] {
  const knownSchemas = new Set(manifest.tables.map(({ schema }) => schema));
  const knownTables = new Set(manifest.tables.map(({ schema, name }) => `${schema}.${name}`));
  return [
    ...schemas.filter((name) => !knownSchemas.has(name)).map((name) => `The backup has no table in a schema "${name}".`),
    ...tables.filter((name) => !knownTables.has(name)).map((name) => `The backup has no table "${name}"; write schema.table.`),
  ];
}

/** The plan for people. */
export function planText(plan: PlannedRestore): string {
  const { backupId, state, snapshotAt, server, database, tables, rows, bytes, lastRestoreSeconds, missingRoles, problems } = plan;
  return [
    `Would restore backup ${backupId} (${state}, snapshot of ${timeText(snapshotAt)}) into database "${database}" on server "${server}":`,
    `  ${tables} tables, ${rows.toLocaleString('en')} rows, ${bytesText(bytes)} uncompressed${lastRestoreSeconds === null ? '' : `; the last restore of all of it took ${secondsText(lastRestoreSeconds)}`}`,
    ...(missingRoles.length === 0 ? [] : [`  roles that the server does not have (--create-roles makes them, without a password): ${missingRoles.join(', ')}`]),
    ...problems.map((problem) => `✗ ${problem}`),
    'Nothing was started.',
  ].join('\n');
}
