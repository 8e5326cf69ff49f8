import { CONTROL_STATES, type ControlFacts, type ControlState } from '../../domain/cluster/node-facts.ts';
import { OperationError } from '../../domain/errors.ts';
import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';

/** All of pg_control that we look at. */
export interface ControlDetails extends ControlFacts {
  readonly catalogVersion: string;
  /** Up to where a standby must replay before it is consistent; null on a primary that was not one lately. */
  readonly minRecoveryLsn: Lsn | null;
  readonly minRecoveryTimeline: number;
  readonly segmentBytes: number;
}

/**
 * pg_control on disk, whether or not the server runs. Throws `program_failed` when the file is not there or damaged, which pg_controldata itself
 * only warns of.
 */
export async function readControlData({ installation, dataDir, account }: Pick<PostgresCluster, 'installation' | 'dataDir' | 'account'>): Promise<ControlDetails> {
  // In C the labels are those of the source code, whatever the machine speaks.
  const { stdout } = await runProgram({ program: programPath(installation, 'pg_controldata'), args: [`--pgdata=${dataDir}`], env: { LC_ALL: 'C', LANGUAGE: 'C' }, account });
  return parseControlData(stdout, dataDir);
}

/** Takes what pg_controldata prints, of 10 and later. */
export function parseControlData(text: string, dataDir: string): ControlDetails {
  const fields = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const field = (label: string): string => {
    const value = fields.get(label);
    if (value === undefined) throw new OperationError('program_failed', `pg_control of ${dataDir} cannot be read`, { detail: `pg_controldata does not say "${label}".` });
    return value;
  };
  if (/CRC checksum|might be corrupt/i.test(text)) throw new OperationError('program_failed', `pg_control of ${dataDir} is damaged`, { detail: text.split('\n')[0] });
  const minRecovery = field('Minimum recovery ending location');
  return {
    systemIdentifier: field('Database system identifier'),
    catalogVersion: field('Catalog version number'),
    state: stateOf(field('Database cluster state'), dataDir),
    timeline: Number(field("Latest checkpoint's TimeLineID")),
    checkpointLsn: parseLsn(field('Latest checkpoint location')),
    redoLsn: parseLsn(field("Latest checkpoint's REDO location")),
    minRecoveryLsn: minRecovery === '0/0' ? null : parseLsn(minRecovery),
    minRecoveryTimeline: Number(field("Min recovery ending loc's timeline")),
    segmentBytes: Number(field('Bytes per WAL segment')),
    walLogHints: field('wal_log_hints setting') === 'on',
    dataChecksums: field('Data page checksum version') !== '0',
    fullPageWrites: field("Latest checkpoint's full_page_writes") === 'on',
  };
}

function stateOf(text: string, dataDir: string): ControlState {
  const state = CONTROL_STATES.find((known) => known === text);
  if (state === undefined) throw new OperationError('program_failed', `pg_control of ${dataDir} cannot be read`, { detail: `Its state is "${text}".` });
  return state;
}

/** The timeline its log is on: a promotion is in pg_control before its first checkpoint only by the second of these. */
export const controlTimelineOf = ({ timeline, minRecoveryTimeline }: ControlDetails): number => Math.max(timeline, minRecoveryTimeline);
