import { OperationError } from '../../domain/errors.ts';
import type { Answer } from '../../domain/cluster/sighting.ts';
import { sqlstateOf } from '../sqlstate.ts';
import type { Session } from '../connection.ts';

/** What a server that answers says; throws what kept it from answering. */
export async function askIfServing(session: Session): Promise<Answer> {
  const { inRecovery } = await session.row<{ inRecovery: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS "inRecovery"');
  return inRecovery ? 'in-recovery' : 'serving';
}

/** SQLSTATEs of living servers. 57P03 is also what a server says that shuts down; both are no death. */
const OF_STATE: Readonly<Record<string, Answer>> = {
  '57P03': 'starting',
  '57P01': 'shutting-down',
  '57P02': 'shutting-down',
  '53300': 'too-many-connections',
  '53100': 'disk-full',
  '58030': 'disk-full',
};

const OF_NETWORK: Readonly<Record<string, Answer>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EPIPE: 'refused',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
};

/** What an attempt to ask that failed says about the server; `late`: it took as long as it was given. A word of the server itself, whatever it refuses, is a sign of life. */
export function answerOf(error: unknown, late: boolean): Answer {
  const state = sqlstateOf(error);
  if (state !== undefined) return OF_STATE[state] ?? 'authentication';
  // A connection that was cut has no code of its own.
  return OF_NETWORK[networkCodeOf(error) ?? ''] ?? (late ? 'timed-out' : 'refused');
}

function networkCodeOf(error: unknown): string | undefined {
  if (error instanceof OperationError) return networkCodeOf(error.cause);
  return (error as { code?: string } | undefined)?.code;
}
