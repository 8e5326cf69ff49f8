import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { printError } from '../../cli/print-error.ts';
import { version } from '../../cli/program.ts';
import { programOnPath } from '../../config/program-folders.ts';
import { OperationError } from '../../domain/errors.ts';
import { parseSize } from '../../domain/sizes.ts';
import { benchBackup } from './backup.ts';
import { backupText } from './backup-text.ts';
import { benchClone } from './clone.ts';
import { benchCutover } from './cutover.ts';
import { benchFailover, FAULTS } from './cluster/failover.ts';
import { roleChangeText } from './cluster/role-change-text.ts';
import { benchSwitchover } from './cluster/switchover.ts';
import { cloneText, cutoverText } from './report-text.ts';

const USAGE = `npm run bench -- clone | cutover | backup | switchover | failover [options]

  clone      copies one data set with pgcopydb and with us, in turn, on the same pair of servers
  cutover    the write pause of online migrations under writers, as the writers see it

  switchover planned changes of roles in a cluster of three, as writers see them, by PgBouncer and with all hosts
  failover   the same of a primary that is killed, cut off the network, or frozen (as root)
  backup     backs up one data set by pg_dump and an upload, and with us, in turn, to the same store; and restores it

  --size <size>        of the data set (default: clone and backup 2GB, cutover 50MB)
  --tables <n>         clone that many small tables instead
  --runs <n>           rounds (default: clone and backup 3, cutover 10)
  --major <n>          version of the servers of clone and backup (default 15: the newest that the pgcopydb of Debian 12 knows)
  --lanes <n>          tables and indexes at once (default: the cores)
  --pgcopydb <path>    a program to run against; may be given again (default: the one on PATH);
                       "none" measures us alone
  --writers <n>        writers of cutover (default 8)
  --jobs <n>           of every dump and restore of backup (default 2)
  --staging <size>     our staging limit of backup (default: a tenth of the data set, at least 32MB)
  --sealed             encrypt our backups; the others never are
  --no-restore         leave out the restores of backup
  --pgbackrest         measure full backups of pgBackRest as well, which has to be installed
  --pgbouncer          lead the writers of cutover through PgBouncer
  --synchronous        of switchover and failover: one standby confirms every commit
  --fault <fault>      of failover: kill-tree, cut or freeze; may be given again (default: all)
  --rate <n>           of switchover and failover: writes per second (default 500)
  --json               one JSON object on stdout`;

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      tables: { type: 'string' },
      runs: { type: 'string' },
      major: { type: 'string', default: '15' },
      lanes: { type: 'string', default: String(Math.max(2, availableParallelism())) },
      pgcopydb: { type: 'string', multiple: true },
      writers: { type: 'string', default: '8' },
      jobs: { type: 'string', default: '2' },
      staging: { type: 'string' },
      sealed: { type: 'boolean', default: false },
      'no-restore': { type: 'boolean', default: false },
      pgbackrest: { type: 'boolean', default: false },
      pgbouncer: { type: 'boolean', default: false },
      synchronous: { type: 'boolean', default: false },
      fault: { type: 'string', multiple: true },
      rate: { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const print = (report: object, text: string): void => void process.stdout.write(`${values.json ? JSON.stringify(report) : text}\n`);
  if (positionals[0] === 'clone') {
    const report = await benchClone({
      set: values.tables === undefined ? { bytes: bytesOf(values.size ?? '2GB') } : { tables: Number(values.tables) },
      runs: Number(values.runs ?? 3),
      major: Number(values.major),
      lanes: Number(values.lanes),
      pgcopydb: (values.pgcopydb ?? [onPath('pgcopydb')]).filter((path) => path !== 'none'),
      say,
    });
    return print(report, cloneText(report));
  }
  if (positionals[0] === 'cutover') {
    const report = await benchCutover({ bytes: bytesOf(values.size ?? '50MB'), runs: Number(values.runs ?? 10), writers: Number(values.writers), pgbouncer: values.pgbouncer, say });
    return print(report, cutoverText(report));
  }
  if (positionals[0] === 'backup') {
    const bytes = bytesOf(values.size ?? '2GB');
    const stagingBytes = values.staging === undefined ? Math.max(32 * 2 ** 20, bytes / 10) : bytesOf(values.staging);
    const report = await benchBackup({ bytes, runs: Number(values.runs ?? 3), major: Number(values.major), jobs: Number(values.jobs), stagingBytes, sealed: values.sealed, restore: !values['no-restore'], pgbackrest: values.pgbackrest, say });
    return print(report, backupText(report));
  }
  if (positionals[0] === 'switchover' || positionals[0] === 'failover') {
    const options = { runs: Number(values.runs ?? (positionals[0] === 'switchover' ? 20 : 5)), writers: Number(values.writers), rate: Number(values.rate), synchronous: values.synchronous, say };
    const reports = positionals[0] === 'switchover' ? await benchSwitchover(options) : await benchFailover({ ...options, faults: FAULTS.filter((fault) => values.fault?.includes(fault) ?? true) });
    return print({ reports }, roleChangeText(reports));
  }
  process.stdout.write(`${USAGE}\n`);
  if (!values.help) throw new OperationError('usage', 'say what to measure: clone, cutover, backup, switchover or failover');
}

function bytesOf(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new OperationError('usage', `--size is for example 200MB or 2GB, not ${text}`);
  return bytes;
}

function onPath(name: string): string {
  const path = programOnPath(name);
  if (path !== undefined) return path;
  throw new OperationError('program_missing', `${name} is not installed`, { detail: 'It is what the copy is measured against.', hint: 'Install it (`apt-get install pgcopydb`), or name it with --pgcopydb.' });
}

const words = process.argv.slice(2);
try {
  await main(words);
} catch (error) {
  process.exitCode = printError(error, { words: ['bench', ...words], version: version(), json: words.includes('--json') });
}
