import type { Command } from 'commander';

import { EXIT_CODES } from '../../domain/errors.ts';
import { globalOptions, printResult, styled, textTable } from '../output.ts';
import { reportStatus, type ShownPart, type StatusReport } from '../part-reports.ts';
import { errorLines } from '../print-error.ts';

/** `pgconvoy status`: what runs, where, since when; who works; what is under way. */
export function register(program: Command): void {
  program
    .command('status')
    .description('Shows every part with its state, address, process and version, the workers that take work, and the runs under way. Exit status 9 when a part is down.')
    .action(async (_options: object, command: Command) => {
      const report = await reportStatus(globalOptions(command).inventory);
      printResult(command, report, () => statusText(report));
      if (!report.ok) process.exitCode = EXIT_CODES.environment;
    });
}

function statusText(report: StatusReport): string {
  const errors = report.parts.flatMap(({ part, error }) => (error === undefined ? [] : [`${part}:\n${errorLines(error)}`]));
  const advice = report.ok ? [] : [report.parts.some(({ state }) => state === 'not-answering') ? 'What does not answer says why in its log.' : '`pgconvoy up` starts what is stopped.'];
  return [partsTable(report.parts), ...workersTable(report), ...runsTable(report), ...errors, ...advice].join('\n\n');
}

const STYLES = { running: 'green', elsewhere: 'blue', 'not-answering': 'red', stopped: 'yellow' } as const;

function partsTable(parts: readonly ShownPart[]): string {
  const rows = parts.map(({ part, state, address, pid, since, version, log }) => [part, styled(STYLES[state], state.replace('-', ' ')), address ?? '', pid?.toString() ?? '', timeText(since), version ?? '', log ?? '']);
  return textTable(['part', 'state', 'where', 'pid', 'since', 'version', 'log'], rows);
}

function workersTable({ queues }: StatusReport): string[] {
  if (queues === undefined) return [];
  const rows = queues.flatMap(({ role, pollers }) => (pollers.length === 0 ? [[role, styled('red', 'nobody'), '']] : pollers.map(({ identity, lastSeen }) => [role, identity, timeText(lastSeen)])));
  return [textTable(['role', 'worker', 'asked for work'], rows)];
}

function runsTable({ runs }: StatusReport): string[] {
  if (runs === undefined) return [];
  return [runs.length === 0 ? 'No runs are under way.' : textTable(['run', 'kind', 'since'], runs.map(({ workflowId, type, startedAt }) => [workflowId, type, timeText(startedAt)]))];
}

const timeText = (iso: string | undefined): string => iso?.replace(/\.\d+Z$/, 'Z') ?? '';
