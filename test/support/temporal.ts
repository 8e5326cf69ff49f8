import { join } from 'node:path';
import { inject } from 'vitest';
import { temporalProgram } from '../../config/program-folders.ts';
import { freePort } from '../../programs/ports.ts';
import { missing } from '../../programs/run-program.ts';
import { startTemporalServer, type TemporalServer } from '../../programs/temporal-server.ts';
import { oncePerRun } from './run-folder.ts';

/**
 * The Temporal server that all tests of this run share, started when first asked for, without a UI. Tests keep apart by task
 * queue and workflow id. Error: `program_missing`.
 *
 * `searchAttributes` have to be the same for all who ask.
 */
export async function testTemporal(searchAttributes: Readonly<Record<string, string>> = {}): Promise<TemporalServer> {
  const folder = join(inject('runFolder'), 'temporal');
  return await oncePerRun(join(folder, 'facts.json'), async () => {
    const program = temporalProgram();
    if (!program) throw missing('temporal');
    return await startTemporalServer({
      program,
      port: await freePort(),
      searchAttributes,
      logFile: join(folder, 'server.log'),
      pidFile: join(folder, 'process.json'),
    });
  });
}
