import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { execa } from 'execa';

import { OperationError } from '../domain/errors.ts';
import { libpqEnvironment, type ProgramTarget } from './libpq-environment.ts';
import { type PostgresInstallation, programPath } from './postgres-installations.ts';
import { tailOf } from './run-program.ts';

export interface ScriptOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  /** `custom`: an archive, of which pg_restore makes the script on its way. */
  readonly form: 'plain' | 'custom';
  readonly content: AsyncIterable<Buffer>;
  readonly targetMajor: number;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly signal: AbortSignal;
}

/** Servers know it from 17 on, and pg_dump and pg_restore from 17 on set it whatever the server. */
const UNKNOWN_TO_OLDER = Buffer.from('SET transaction_timeout = 0;\n');
const FIRST_WITH_TRANSACTION_TIMEOUT = 17;

/**
 * Runs a dump that is one stream by psql, without a copy on disk. When the content throws, psql is ended before it has heard of
 * the end. Errors: `program_failed` with what psql said, and whatever the content throws.
 */
export async function runScript(order: ScriptOrder): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-'));
  const stop = new AbortController();
  const cancelSignal = AbortSignal.any([order.signal, stop.signal]);
  try {
    const env = await libpqEnvironment(order, { folder, purpose: 'restore' });
    const psql = execa(programPath(order.clients, 'psql'), ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--output=/dev/null'], { env, cancelSignal, stdin: 'pipe', stdout: 'ignore', reject: false });
    const restore = order.form === 'plain' ? undefined : execa(programPath(order.clients, 'pg_restore'), ['--file=-', ...leaveOut(order)], { cancelSignal, stdin: 'pipe', stdout: 'pipe', buffer: { stdout: false }, reject: false });
    const script = restore === undefined ? Readable.from(order.content, { objectMode: false }) : restore.stdout;
    const fed = restore === undefined ? Promise.resolve() : pipeline(Readable.from(order.content, { objectMode: false }), restore.stdin);
    const sent = pipeline(script, knownTo(order.targetMajor), psql.stdin);
    const failures = (await Promise.allSettled([fed, sent])).flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    const own = failures.filter((reason) => !isBrokenPipe(reason));
    // The pipe has been closed by the failed pipeline; psql must not take that for the end of the script.
    if (own.length > 0) stop.abort();
    const ended = [await restore, await psql];
    order.signal.throwIfAborted();
    if (own.length > 0) throw own[0];
    for (const one of ended) {
      if (one === undefined || one.exitCode === 0) continue;
      throw new OperationError('program_failed', `program ${one === ended[1] ? 'psql' : 'pg_restore'} failed`, { detail: tailOf(one.stderr), context: { exitCode: one.exitCode ?? null, signal: one.signal ?? null } });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const leaveOut = ({ owners, privileges }: ScriptOrder): string[] => [...(owners ? [] : ['--no-owner']), ...(privileges ? [] : ['--no-privileges'])];

/** psql that gave up reads no more; what it said is the reason. */
const isBrokenPipe = (error: unknown): boolean => ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');

/** Takes the one line out of the preamble that an older server refuses; the rest passes as it is. */
function knownTo(major: number) {
  return async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let held = Buffer.alloc(0);
    let looking = major < FIRST_WITH_TRANSACTION_TIMEOUT;
    for await (const piece of pieces) {
      if (!looking) {
        yield piece;
        continue;
      }
      held = Buffer.concat([held, piece]);
      if (held.length < PREAMBLE_BYTES) continue;
      yield withoutLine(held);
      looking = false;
    }
    if (looking) yield withoutLine(held);
  };
}

const PREAMBLE_BYTES = 4096;

function withoutLine(script: Buffer): Buffer {
  const at = script.subarray(0, PREAMBLE_BYTES).indexOf(UNKNOWN_TO_OLDER);
  return at === -1 ? script : Buffer.concat([script.subarray(0, at), script.subarray(at + UNKNOWN_TO_OLDER.length)]);
}
