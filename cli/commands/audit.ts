import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { InvalidArgumentError, type Command } from 'commander';

import type { Link } from '../../catalog/audit-break.ts';
import type { AuditRow } from '../../catalog/audit-row.ts';
import { latestAudit } from '../../catalog/audit-rows.ts';
import { exportAudit } from '../../catalog/export-audit.ts';
import { verifyAudit } from '../../catalog/verify-audit.ts';
import { OperationError } from '../../domain/errors.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { withCatalog } from '../open-catalog.ts';
import { printResult, textTable } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

/** `pgconvoy audit`: what was done, by whom, and the proof that nobody changed the record. */
export function register(program: Command): void {
  const audit = program.command('audit').description('Reads, proves and exports the record of what was done and by whom.');
  audit
    .command('log')
    .description('Prints the latest events, oldest first.')
    .option('--run <id>', 'only the events of this run')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(log);
  audit
    .command('verify')
    .description('Proves that no event was changed, removed, added or moved; exit status 8 and the first broken row otherwise.')
    .option('--expect <seq:hash>', 'a head that an earlier verify printed: proves that nothing up to it was rewritten', headOf)
    .action(verify);
  audit
    .command('export')
    .description('Writes all events as JSON Lines, in the order of the chain.')
    .option('--output <file>', 'where to (default: stdout)')
    .action(write);
}

async function log(options: { run?: string; limit: number }, command: Command): Promise<void> {
  const events = await withCatalog(command, (catalog) => latestAudit(catalog, { runId: options.run, limit: options.limit }));
  printResult(command, { events }, () => textTable(['seq', 'at', 'actor', 'action', 'object', 'result', 'run'], events.map(logRow)));
}

const logRow = ({ seq, at, actor, action, object, result, runId }: AuditRow): string[] => [String(seq), at.replace(/\.\d+Z$/, 'Z'), actor, action, object, result, runId ?? ''];

async function verify(options: { expect?: Link }, command: Command): Promise<void> {
  const { rows, head, broken } = await withCatalog(command, (catalog) => verifyAudit(catalog, options.expect));
  if (broken !== undefined) {
    throw new OperationError('audit_broken', `audit event ${broken.seq} was ${broken.kind}`, { detail: broken.reason, context: { seq: broken.seq, kind: broken.kind } });
  }
  printResult(command, { ok: true, rows, head }, () => `The chain holds: ${rows} events. Its head is ${head.seq}:${head.hash}`);
}

async function write(options: { output?: string }, command: Command): Promise<void> {
  const target = options.output === undefined ? process.stdout : await createFile(options.output);
  await withCatalog(command, (catalog) => exportAudit(catalog, (lines) => pipeline(lines, target, { end: options.output !== undefined })));
}

async function createFile(path: string): Promise<NodeJS.WritableStream> {
  const file = await open(path, 'w', 0o600).catch((error: unknown) => Promise.reject(couldNotWrite(path, error)));
  return file.createWriteStream();
}

function headOf(text: string): Link {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new InvalidArgumentError('It looks like 42:9f86d0…, as `audit verify` prints it.');
  return { seq: Number(seq), hash };
}
