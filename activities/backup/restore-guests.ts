import { schemaGrants, schemaGuests } from '../../domain/backup/schema-guests.ts';
import { lendSchemas, takeBackSchemas } from '../../postgres/backup/lent-rights.ts';
import type { Session } from '../../postgres/connection.ts';
import { isSuperuser } from '../../postgres/roles.ts';
import { restoreEntries } from './restore-entries.ts';
import type { RestoreJob } from './restore-target.ts';

/** Types and tables. Schemas first where our role is no superuser, since they have to be opened to the owners of what is in them. */
export async function restoreDefinitions(job: RestoreJob, session: Session): Promise<void> {
  if (!job.owners || (await isSuperuser(session))) return await restoreEntries(job, 'pre-data', () => true);
  const schemas = new Set(job.toc.entries.filter(({ kind }) => kind === 'SCHEMA').map(({ id }) => id));
  await restoreEntries(job, 'pre-data', (id) => schemas.has(id));
  await withGuests(job, session, () => restoreEntries(job, 'pre-data', (id) => !schemas.has(id)));
}

/** Lets roles that own something in schemas of others in there while `work` makes it. */
export async function withGuests(job: RestoreJob, session: Session, work: () => Promise<void>): Promise<void> {
  if (!job.owners || (await isSuperuser(session))) return await work();
  const guests = schemaGuests(job.toc, job.chosen);
  await lendSchemas(session, guests);
  await work();
  const grants = job.privileges ? [...new Set(guests.map(({ schema }) => schema))].flatMap((schema) => schemaGrants(job.toc, schema)) : [];
  await takeBackSchemas(session, guests, grants);
}
