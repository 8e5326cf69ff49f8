import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { type ControlDetails, readControlData } from '../programs/cluster/control-data.ts';
import type { PostgresCluster } from '../programs/postgres-cluster.ts';

/** pg_control, read again only when the file has changed: an agent looks several times a second. */
export class ControlMemory {
  #known: { readonly key: string; readonly details: ControlDetails } | undefined;

  /** Throws `program_failed`, `program_missing`. */
  async read(cluster: PostgresCluster): Promise<ControlDetails> {
    const file = join(cluster.dataDir, 'global', 'pg_control');
    const { mtimeNs, ino } = await stat(file, { bigint: true }).catch((error: unknown) => {
      throw new OperationError('program_failed', `there is no pg_control in ${cluster.dataDir}`, { detail: (error as Error).message, cause: error });
    });
    const key = `${file} ${ino} ${mtimeNs}`;
    if (this.#known?.key !== key) this.#known = { key, details: await readControlData(cluster) };
    return this.#known.details;
  }
}
