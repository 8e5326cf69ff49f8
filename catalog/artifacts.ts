import { OperationError } from '../domain/errors.ts';
import type { Catalog } from './open-catalog.ts';

/** Keeps a file of a run; again replaces it. */
export async function keepArtifact(catalog: Catalog, artifact: { runId: string; name: string; content: Buffer }): Promise<void> {
  await catalog.sessions.use((session) =>
    session.execute(
      `INSERT INTO pgconvoy.artifact (run_id, name, content) VALUES ($1, $2, decode($3, 'base64'))
       ON CONFLICT (run_id, name) DO UPDATE SET content = excluded.content, made_at = clock_timestamp()`,
      [artifact.runId, artifact.name, artifact.content.toString('base64')],
    ),
  );
}

/** The content of a file of a run. */
export async function readArtifact(catalog: Catalog, runId: string, name: string): Promise<Buffer> {
  const row = await catalog.sessions.use((session) =>
    session.maybeRow<{ content: string }>(`SELECT encode(content, 'base64') AS content FROM pgconvoy.artifact WHERE run_id = $1 AND name = $2`, [runId, name]),
  );
  if (row === undefined) throw new OperationError('bug', `file ${name} of run ${runId} is not in the catalog`);
  return Buffer.from(row.content, 'base64');
}

/** Removes the files of a run that has ended: a dump may hold what a foreign server's user mappings are given. */
export async function dropArtifacts(catalog: Catalog, runId: string): Promise<void> {
  await catalog.sessions.use((session) => session.execute('DELETE FROM pgconvoy.artifact WHERE run_id = $1', [runId]));
}
