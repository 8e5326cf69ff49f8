import type { ArchiveToc } from '../../domain/backup/archive-toc.ts';
import type { RestoreStep } from '../../domain/backup/restore-steps.ts';
import type { ServerAddress } from '../../domain/server.ts';
import type { Session } from '../../postgres/connection.ts';
import { connect } from '../../postgres/connection.ts';
import { restoringName } from '../../postgres/backup/restored-database.ts';
import { SessionPool } from '../../postgres/pool.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import type { OpenBackup } from './open-backup.ts';

/** Everything the phases of a restore work with. */
export interface RestoreJob {
  readonly runId: string;
  readonly backup: OpenBackup;
  readonly toc: ArchiveToc;
  readonly tocBytes: Buffer;
  /** Whether the dump is one stream, whose parts cannot be taken one by one; it has no table of contents then. */
  readonly stream: boolean;
  /** Entries of the archive that are wanted. */
  readonly chosen: ReadonlySet<number>;
  readonly steps: readonly RestoreStep[];
  readonly server: ServerAddress;
  readonly major: number;
  /** Of at least the major of the archive's own pg_dump. */
  readonly clients: PostgresInstallation;
  readonly lanes: number;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** False where the server has not all the tablespaces of the archive. */
  readonly tablespaces: boolean;
  readonly signal: AbortSignal;
  readonly tell: (progress: RestoreProgress) => void;
}

export interface RestoreProgress {
  readonly doing: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly steps: number;
  readonly totalSteps: number;
}

/** As pg_restore sets its own sessions: functions may name what comes later, and XML may be a document or a part of one. */
const SETTINGS = { check_function_bodies: 'off', xmloption: 'content', synchronous_commit: 'off' };

/** A session in the database that is being restored, or in the maintenance database. */
export const openRestoring = async (job: Pick<RestoreJob, 'server' | 'runId'>): Promise<Session> => await connect(job.server, { purpose: `restore_${job.runId}`, database: restoringName(job.runId), settings: SETTINGS });
export const openMaintenance = async (job: Pick<RestoreJob, 'server' | 'runId'>): Promise<Session> => await connect(job.server, { purpose: `restore_${job.runId}` });

export const restoringPool = (job: RestoreJob, size: number): SessionPool => new SessionPool(job.server, { purpose: `restore_${job.runId}`, database: restoringName(job.runId), settings: SETTINGS, size });
