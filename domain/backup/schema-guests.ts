import type { ArchiveToc } from './archive-toc.ts';

/** A role that owns something in a schema that is not its own. */
export interface SchemaGuest {
  readonly schema: string;
  readonly role: string;
}

/** Who they are among the chosen entries; a schema that the archive does not make, such as `public`, is nobody's of them. */
export function schemaGuests({ entries }: ArchiveToc, chosen: ReadonlySet<number>): SchemaGuest[] {
  const ownerOf = new Map(entries.filter(({ kind }) => kind === 'SCHEMA').map(({ tag, owner }) => [tag, owner]));
  const guests = new Map<string, SchemaGuest>();
  for (const { id, schema, owner } of entries) {
    if (schema === null || owner === null || !chosen.has(id) || ownerOf.get(schema) === owner) continue;
    guests.set(JSON.stringify([schema, owner]), { schema, role: owner });
  }
  return [...guests.values()];
}

/** The statements of the archive that say who may use a schema; they may be said again. */
export function schemaGrants({ entries }: ArchiveToc, schema: string): string[] {
  const tags = [`SCHEMA ${schema}`, `SCHEMA "${schema.replaceAll('"', '""')}"`];
  return entries.filter((entry) => entry.kind === 'ACL' && entry.schema === null && tags.includes(entry.tag)).map(({ definition }) => definition);
}
