import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type Command, InvalidArgumentError } from 'commander';

import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { type ApplicationRoute, applicationRoute } from '../../config/probe-route.ts';
import { reportProbe, type ProbeReport } from '../../domain/cluster/drill/probe-report.ts';
import { parseRecord } from '../../domain/cluster/drill/record.ts';
import { ProbeCounter } from '../../domain/cluster/drill/probe-counter.ts';
import { parseDuration } from '../../domain/durations.ts';
import { EXIT_CODES, OperationError } from '../../domain/errors.ts';
import { cleanProbeRows, findProbeRows } from '../../postgres/probe/found-rows.ts';
import { DEFAULT_LIMITS, type ProbeRoute } from '../../postgres/probe/probe-route.ts';
import { runProbe } from '../../postgres/probe/run-probe.ts';
import { probeText } from '../cluster/probe-text.ts';
import { parseProbeUrl } from '../cluster/probe-url.ts';
import { globalOptions, printResult } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

interface ProbeOptions {
  readonly url?: string;
  readonly rate: number;
  readonly writers: number;
  readonly readers: number;
  readonly duration?: number;
  readonly untilStopped?: true;
  readonly ledger?: string;
  readonly report?: string;
  readonly status?: string;
  readonly judge: boolean;
  readonly check?: string;
  readonly clean?: true;
  readonly connectTimeout: number;
  readonly queryTimeout: number;
}

/** `pgconvoy probe [cluster]`: what an application sees of a switchover or a failover. */
export function register(program: Command): void {
  program
    .command('probe')
    .description(
      'Writes and reads as an application does, through its own route, and keeps every attempt on disk: afterwards it says which acknowledged writes are lost, which are ambiguous, and how long nothing went. Runs until Ctrl-C or SIGTERM, or for --duration. Exit status 8 when a write is lost or doubled, or two nodes took writes.',
    )
    .argument('[cluster]', 'its name in the inventory; or --url')
    .option('--url <url>', 'postgres://user@host1:5432,host2:5432/database; the password comes from PGPASSWORD')
    .option('--writers <n>', 'connections that write', wholeNumber, 8)
    .option('--readers <n>', 'connections that read', wholeNumber, 2)
    .option('--rate <n>', 'writes per second, all writers together', wholeNumber, 500)
    .option('--duration <duration>', 'how long, for example 30s (default: until it is stopped)', milliseconds)
    .option('--until-stopped', 'run until SIGTERM or Ctrl-C; the default')
    .option('--ledger <file>', 'where the record is kept; a new file (default: in the folder for temporary files)')
    .option('--report <file>', 'write the report there too, as JSON')
    .option('--status <file>', 'keep a line of JSON there that says how it goes, four times a second')
    .option('--connect-timeout <duration>', 'of a dial', milliseconds, DEFAULT_LIMITS.connectMs)
    .option('--query-timeout <duration>', 'of a statement; then its connection is cut', milliseconds, DEFAULT_LIMITS.queryMs)
    .option('--no-judge', 'only run and keep the record; --check judges it later')
    .option('--check <ledger>', 'run nothing: judge the record of an earlier probe against the rows that are there now')
    .option('--clean', 'run nothing: remove the schema pgconvoy_probe with the rows of all probes')
    .action(probe);
}

async function probe(cluster: string | undefined, options: ProbeOptions, command: Command): Promise<void> {
  const route = routeOf(cluster, options, command);
  if (options.clean === true) {
    await cleanProbeRows(route, null);
    return printResult(command, { cleaned: true }, () => 'Removed the schema pgconvoy_probe.');
  }
  const ledger = resolve(options.check ?? options.ledger ?? join(tmpdir(), `pgconvoy-probe-${randomBytes(5).toString('hex')}.ledger`));
  if (options.check === undefined) await run(route, ledger, options);
  if (!options.judge && options.check === undefined) return printResult(command, { ledgerFile: ledger }, () => `The record is ${ledger}.`);
  const report = await judge(route, ledger);
  if (options.report !== undefined) writeWhole(options.report, report);
  printResult(command, { ...report, ledgerFile: ledger }, () => `${probeText(report)}\n\nThe record is ${ledger}.`);
  if (report.ledger.lost.length > 0 || report.ledger.duplicates.length > 0 || !report.ledger.addsUp || report.writable.writableNodesMax > 1) process.exitCode = EXIT_CODES.verification;
}

function routeOf(cluster: string | undefined, { url, connectTimeout, queryTimeout }: ProbeOptions, command: Command): ProbeRoute {
  if ((cluster === undefined) === (url === undefined)) throw new OperationError('usage', 'name a cluster of the inventory, or give --url');
  const place = url === undefined ? ofCluster(cluster!, command) : parseProbeUrl(url, process.env);
  return { ...place, tls: { mode: 'prefer' }, limits: { connectMs: connectTimeout, queryMs: queryTimeout } };
}

function ofCluster(cluster: string, command: Command): ApplicationRoute {
  const path = findInventory(globalOptions(command).inventory);
  return applicationRoute(loadInventory(path), cluster, baseDirOf(path));
}

async function run(route: ProbeRoute, ledger: string, { writers, readers, rate, duration, status }: ProbeOptions): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  const counter = new ProbeCounter();
  let timer: NodeJS.Timeout | undefined;
  const ready = (): void => {
    process.stderr.write(`probe: ${writers} writers, ${readers} readers; the record is ${ledger}\n`);
    if (duration !== undefined) setTimeout(end, duration).unref();
  };
  if (status !== undefined) timer = setInterval(() => writeWhole(status, counter.now()), STATUS_EVERY_MS);
  try {
    await runProbe({ run: randomBytes(5).toString('hex'), route, writers, readers, rate, ledger, signal: stop.signal, flushed: (lines) => counter.count(lines), ready });
  } finally {
    clearInterval(timer);
    process.off('SIGTERM', end).off('SIGINT', end);
    if (status !== undefined) writeWhole(status, counter.now());
  }
}

const STATUS_EVERY_MS = 250;

async function judge(route: ProbeRoute, ledger: string): Promise<ProbeReport> {
  const record = readRecord(ledger);
  return reportProbe(record, await findProbeRows(route, record.header.run));
}

function readRecord(ledger: string) {
  try {
    return parseRecord(readFileSync(ledger, 'utf8'));
  } catch (error) {
    throw new OperationError('usage', `${ledger} is not the record of a probe`, { detail: (error as Error).message, cause: error });
  }
}

/** Whole or not at all, for whoever reads it meanwhile. */
function writeWhole(file: string, value: object): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`);
  renameSync(`${file}.new`, file);
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('It must be a duration, for example 30s.');
  return ms;
}
