import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { OperationError } from '../../domain/errors.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { dropProven, dropRestoring } from '../../postgres/backup/restored-database.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { openScratchCluster } from '../../providers/scratch/scratch-cluster.ts';
import { sweepScratchClusters } from '../../providers/scratch/sweep.ts';

/** Where a backup is tried: gone when the work is. */
export interface ProofPlace extends AsyncDisposable {
  readonly server: ServerAddress;
  readonly database: string;
  /** For the evidence. */
  readonly where: string;
}

export interface LocalWish {
  /** Default: the system's folder for temporary files. */
  readonly folder?: string | undefined;
  readonly installation: PostgresInstallation;
  readonly database: string;
  /** Unpacked bytes of the backup. */
  readonly rawBytes: number;
}

/** Rows take more room as a table than as text, and their indexes come on top. */
const ROOM_PER_RAW_BYTE = 2;
const ROOM_FOR_CLUSTER = 300e6;

/** Beside the staging folder of a policy, on the same disk; not in it, where only dumps are counted. */
export const scratchFolder = (staging: string | undefined): string => (staging === undefined ? tmpdir() : `${staging}-scratch`);

/** A throwaway server of this machine; those of killed workers are swept first. Errors: `disk_full`, `program_failed`, `program_missing`. */
export async function openLocal({ folder = tmpdir(), installation, database, rawBytes }: LocalWish): Promise<ProofPlace> {
  await sweepScratchClusters(folder);
  await assertRoom(folder, rawBytes * ROOM_PER_RAW_BYTE + ROOM_FOR_CLUSTER);
  const cluster = await openScratchCluster({ folder, installation, name: `scratch PostgreSQL ${installation.major}` });
  return { server: await withoutDatabase(cluster.server, database), database, where: 'local', [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

/** A backup of the database that every new server has is restored under its own name as well, in its place. */
async function withoutDatabase(server: ServerAddress, database: string): Promise<ServerAddress> {
  if (database !== server.maintenanceDatabase) return server;
  const elsewhere = { ...server, maintenanceDatabase: 'template1' };
  await using session = await connect(elsewhere, { purpose: 'proof' });
  await session.execute(`DROP DATABASE ${quoteIdent(database)}`);
  return elsewhere;
}

async function assertRoom(folder: string, wanted: number): Promise<void> {
  const facts = await statfs(folder).catch(() => undefined); // one that is not there yet is made on some disk
  const free = facts === undefined ? Infinity : facts.bavail * facts.bsize;
  if (free >= wanted) return;
  throw new OperationError('disk_full', `folder ${folder} has no room for a throwaway server`, { detail: `${Math.ceil(wanted / 1e6)} MB are needed and ${Math.floor(free / 1e6)} MB are free.`, hint: 'Free some space, or name another folder under `staging` of the policy.' });
}

/** A database of its own on a server that is named for it; dropped at the end, and before, when an attempt was killed. */
export async function openNamed(server: ServerAddress, runId: string): Promise<ProofPlace> {
  const database = `pgconvoy_proof_${runId}`;
  const drop = async (): Promise<void> => {
    await using session = await connect(server, { purpose: `proof_${runId}` });
    await dropProven(session, runId, database);
    await dropRestoring(session, runId);
  };
  await drop();
  return { server, database, where: server.name, [Symbol.asyncDispose]: drop };
}
