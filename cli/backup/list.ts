import type { Command } from 'commander';

import { type BackupRow, listBackups } from '../../catalog/backups.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { secondsText } from '../migration/progress-text.ts';
import { withCatalog } from '../open-catalog.ts';
import { printResult, styled, textTable } from '../output.ts';

export interface ListOptions {
  readonly policy?: string;
  readonly database?: string;
  readonly proven?: boolean;
  readonly all?: boolean;
  readonly limit: number;
}

const STATES = { stored: 'yellow', proven: 'green', rejected: 'red', failed: 'red', created: 'cyan', dumped: 'cyan', expiring: 'dim', deleted: 'dim' } as const;
const EVERY_STATE = Object.keys(STATES) as (keyof typeof STATES)[];

/** Lists backups, newest first. */
export async function list({ policy, database, proven, all, limit }: ListOptions, command: Command): Promise<void> {
  const states = proven === true ? ['proven' as const] : all === true ? EVERY_STATE : undefined;
  const backups = await withCatalog(command, async (catalog) => await listBackups(catalog, { policy, database, states, limit }));
  printResult(command, { backups }, () => (backups.length === 0 ? 'There is no such backup.' : textTable(['backup', 'policy', 'server', 'database', 'state', 'snapshot', 'stored', 'rows', 'restore', 'hold'], backups.map(row))));
}

const row = ({ backupId, policy, server, database, state, snapshotAt, storedBytes, rows, restoreSeconds, hold }: BackupRow): string[] => [
  backupId,
  policy ?? '',
  server,
  database,
  styled(STATES[state], state),
  timeText(snapshotAt),
  storedBytes === null ? '' : bytesText(storedBytes),
  rows === null ? '' : rows.toLocaleString('en'),
  restoreSeconds === null ? '' : secondsText(restoreSeconds),
  hold === null ? '' : hold.reason,
];

export const timeText = (iso: string | null): string => iso?.replace(/\.\d+Z$/, 'Z') ?? '';
