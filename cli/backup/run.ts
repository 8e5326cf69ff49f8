import type { Command } from 'commander';

import { type BackUpServerResult, startBackup } from '../../client/backups.ts';
import { connectClient } from '../../client/connect-client.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { printResult } from '../output.ts';
import { databaseLine } from './changes.ts';
import { follow, warnWithoutWorkers } from './follow.ts';
import { wantedPolicy } from './wanted-policy.ts';

export interface RunOptions {
  readonly database?: readonly string[];
  readonly wait?: boolean;
  readonly by: string;
}

/** Starts a run of a policy, and with `--wait` shows it. */
export async function runPolicy(policy: string, { database: databases, wait, by }: RunOptions, command: Command): Promise<void> {
  const entry = wantedPolicy(policy, command);
  if (entry.encryption === undefined && wait !== true) process.stderr.write(`NOTE:  policy "${policy}" names no key: its backups are neither encrypted nor signed.\n`);
  await using open = await connectClient(temporalConnection());
  const started = await startBackup(open.client, { policy, requestedBy: by, ...(databases === undefined ? {} : { databases: [...databases] }) });
  await warnWithoutWorkers(open);
  if (wait !== true) {
    printResult(command, started, () => `Started a backup of policy "${policy}". \`pgconvoy backup list --policy ${policy}\` shows what comes of it.`);
    return;
  }
  const result = await follow<BackUpServerResult>(open, { started, subject: `the backup of policy "${policy}"`, hasProgress: true });
  printResult(command, result, () => [...result.databases.map(databaseLine), `Run ${result.runId} of policy "${policy}" is complete.`].join('\n'));
}
