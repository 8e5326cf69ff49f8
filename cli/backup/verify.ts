import type { Command } from 'commander';

import { startProof, type VerifyBackupResult } from '../../client/backups.ts';
import { connectClient } from '../../client/connect-client.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import { secondsText } from '../migration/progress-text.ts';
import { printResult } from '../output.ts';
import { follow, warnWithoutWorkers } from './follow.ts';
import { wantedBackup } from './wanted-backup.ts';

export interface VerifyOptions {
  readonly newest?: string;
  readonly of?: string;
  readonly wait: boolean;
  readonly by: string;
}

/** Proves a backup by restoring it, and shows that. */
export async function verify(backup: string | undefined, options: VerifyOptions, command: Command): Promise<void> {
  const { backupId } = await wantedBackup({ backup, newest: options.newest, of: options.of }, { provenOnly: false }, command);
  await using open = await connectClient(temporalConnection());
  const started = await startProof(open.client, { backup: backupId, requestedBy: options.by });
  await warnWithoutWorkers(open);
  if (!options.wait) {
    printResult(command, { ...started, backupId }, () => `Started the proof of ${backupId}. \`pgconvoy backup show ${backupId}\` shows what comes of it.`);
    return;
  }
  const result = await follow<VerifyBackupResult>(open, { started, subject: `the proof of backup ${backupId}`, hasProgress: false });
  if (result.problem !== undefined) throw new OperationError(result.problem.code, result.problem.message, { detail: result.problem.detail, hint: result.problem.hint, context: { backupId } });
  const parts = Object.entries(result.parts).map(([part, seconds]) => `${part} ${secondsText(seconds)}`);
  printResult(command, result, () => `Backup ${backupId} of database "${result.database}" is proven, in ${secondsText(result.seconds)} (${parts.join(', ')}).`);
}
