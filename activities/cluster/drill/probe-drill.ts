import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { activityInfo, cancellationSignal, getClient, heartbeat } from '@temporalio/activity';

import { stateDir } from '../../../config/paths.ts';
import type { ProbeStatus } from '../../../domain/cluster/drill/probe-counter.ts';
import { OperationError } from '../../../domain/errors.ts';
import { detachedPid, startDetached, stopDetached } from '../../../programs/detached-process.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface ProbeInput {
  readonly cluster: string;
  readonly operation: string;
  readonly writers: number;
  readonly rate: number;
}

/** Where the record of a drill is, on the machine of the worker that ran its probe. */
export const drillFolder = (operation: string): string => join(stateDir(), 'drills', operation);
export const ledgerOf = (operation: string): string => join(drillFolder(operation), 'probe.ledger');

const CLI = join(import.meta.dirname, '../../../cli/main.ts');
const LOOK_EVERY_MS = 100;

/**
 * H2: the probe is a program of its own, which goes on when the worker dies; whoever takes this step up finds it by its pid file. It tells the workflow what
 * it waits for, and ends the probe when it is cancelled.
 */
export const probeDrill =
  (deps: Dependencies) =>
  async (input: ProbeInput): Promise<void> => {
    const { operation } = input;
    const [pidFile, statusFile] = [join(drillFolder(operation), 'process.json'), join(drillFolder(operation), 'status.json')];
    await start(deps, input, { pidFile, statusFile });
    const { workflowExecution } = activityInfo();
    let told = '';
    while (!cancellationSignal().aborted) {
      const status = await readStatus(statusFile);
      heartbeat(status);
      if (status !== undefined && keyOf(status) !== told) {
        told = keyOf(status);
        if (workflowExecution !== undefined) await getClient().workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId).signal('probeStatus', status);
      }
      if ((await detachedPid(pidFile)) === undefined) throw new OperationError('program_failed', 'the probe of the drill has ended by itself', { hint: `Read ${join(drillFolder(operation), 'probe.log')}.` });
      await sleep(LOOK_EVERY_MS, undefined, { signal: cancellationSignal() }).catch(() => undefined);
    }
    await stopDetached(pidFile);
  };

async function start(deps: Dependencies, { cluster, operation, writers, rate }: ProbeInput, { pidFile, statusFile }: { pidFile: string; statusFile: string }): Promise<void> {
  if ((await detachedPid(pidFile)) === undefined && (await readStatus(statusFile)) !== undefined) {
    throw new OperationError('program_failed', 'the probe of the drill has ended by itself', { hint: 'Its record is kept; a second probe would know nothing of the first.' });
  }
  await rm(pidFile, { force: true });
  await startDetached({
    name: 'the probe of the drill',
    program: process.execPath,
    args: [CLI, 'probe', cluster, `--inventory=${deps.inventoryPath}`, '--json', `--writers=${writers}`, `--rate=${rate}`, `--ledger=${ledgerOf(operation)}`, `--status=${statusFile}`, '--no-judge'],
    logFile: join(drillFolder(operation), 'probe.log'),
    pidFile,
    ready: async () => (await readStatus(statusFile))?.begun === true,
  });
}

async function readStatus(file: string): Promise<ProbeStatus | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProbeStatus);
}

/** What is worth a signal: who serves, each second of silence, and each power of two of errors; else a word every five seconds. */
function keyOf({ node, timeline, silentMs, errors, atMs }: ProbeStatus): string {
  return `${node} ${timeline} ${Math.floor(silentMs / 1000)} ${Math.ceil(Math.log2(errors + 1))} ${silentMs < 1000 ? Math.floor(atMs / 5000) : ''}`;
}
