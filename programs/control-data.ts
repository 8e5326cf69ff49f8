import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { parseControlData } from '../domain/cluster/control-data.ts';
import type { ControlFacts } from '../domain/cluster/node-facts.ts';
import { OperationError } from '../domain/errors.ts';
import { programPath, type PostgresInstallation } from './postgres-installations.ts';
import { runProgram } from './run-program.ts';

/** Whether an installation can read pg_control without its server. */
export const readsControl = (installation: PostgresInstallation): boolean => installation.programs.includes('pg_controldata');

/** pg_control of a data directory. Errors: `program_missing`, `program_failed`. */
export async function readControlData(installation: PostgresInstallation, dataDir: string): Promise<ControlFacts> {
  const { stdout } = await runProgram({ program: programPath(installation, 'pg_controldata'), args: [`--pgdata=${dataDir}`], env: { LC_ALL: 'C' } });
  try {
    return parseControlData(stdout);
  } catch (error) {
    throw new OperationError('program_failed', `pg_control of ${dataDir} could not be read`, { detail: `${(error as Error).message}.`, cause: error });
  }
}

/** The same, asked again only when the file has changed: an agent looks several times a second. */
export function rememberedControlData(): typeof readControlData {
  let known: { readonly key: string; readonly facts: ControlFacts } | undefined;
  return async (installation, dataDir) => {
    const { mtimeNs, ino } = await stat(join(dataDir, 'global', 'pg_control'), { bigint: true }).catch((error: unknown) => {
      throw new OperationError('program_failed', `there is no pg_control in ${dataDir}`, { detail: (error as Error).message, cause: error });
    });
    const key = `${dataDir} ${ino} ${mtimeNs}`;
    if (known?.key !== key) known = { key, facts: await readControlData(installation, dataDir) };
    return known.facts;
  };
}
