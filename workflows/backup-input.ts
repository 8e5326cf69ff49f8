import { z } from 'zod';

/** The JSON objects that start workflows of backups. Names only: no address, no secret. */
const policy = z.string().min(1).describe('A name under `backups` of the inventory.');
const requestedBy = z.string().min(1).default('unknown').describe('Who asks; kept in the audit.');

export const backUpServerInput = z.strictObject({
  policy,
  databases: z.array(z.string().min(1)).min(1).optional().describe('Only these of the policy.'),
  requestedBy,
});

export const backUpDatabaseInput = z.strictObject({
  policy,
  database: z.string().min(1),
  requestedBy,
  runId: z.string().min(1).optional().describe('Internal: the run of the policy that this is a part of.'),
});

/** Which backup is meant: one by its id, or the newest of a policy. */
const which = {
  backup: z.string().min(1).optional().describe('The id of a backup.'),
  newest: z.string().min(1).optional().describe('Instead of an id: the newest backup of this policy.'),
  of: z.string().min(1).optional().describe('With `newest`: the database that was backed up, when the policy has several.'),
};
const oneOfBoth = ({ backup, newest }: { backup?: string | undefined; newest?: string | undefined }): boolean => (backup === undefined) !== (newest === undefined);
const ONE_OF_BOTH = { message: 'give either backup, an id, or newest, a policy' };

export const verifyBackupInput = z.strictObject({ ...which, requestedBy }).refine(oneOfBoth, ONE_OF_BOTH);

export const restoreBackupInput = z
  .strictObject({
    ...which,
    server: z.string().min(1).describe('A name under `servers` of the inventory: where to.'),
    database: z.string().min(1).describe('The database to make; it must not be there yet.'),
    schemas: z.array(z.string().min(1)).min(1).optional().describe('Only these schemas.'),
    tables: z.array(z.string().min(1)).min(1).optional().describe('Only these tables, as schema.table.'),
    owners: z.boolean().default(true),
    privileges: z.boolean().default(true),
    missingRoles: z.enum(['create', 'refuse']).default('refuse').describe('Roles that the server does not have: make them, without the right to log in, or say which are missing.'),
    requestedBy,
  })
  .refine(oneOfBoth, ONE_OF_BOTH);

export type BackUpServerInput = z.input<typeof backUpServerInput>;
export type BackUpDatabaseInput = z.input<typeof backUpDatabaseInput>;
export type VerifyBackupInput = z.input<typeof verifyBackupInput>;
export type RestoreBackupInput = z.input<typeof restoreBackupInput>;
