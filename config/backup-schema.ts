import { z } from 'zod';

import { parseCron } from '../domain/backup/cron.ts';
import { duration, name, secretReference, size } from './inventory-fields.ts';

/** The policies of backups, and the keys that seal them. */
export const keySchema = secretReference.describe('A secret reference to 32 random bytes in base64; `pgconvoy backup keygen` makes them. Keep every key that a backup was ever sealed with.');

const TIME_ZONES = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);

export const scheduleSchema = z.strictObject({
  cron: z
    .string()
    .refine((text) => parseCron(text) !== undefined, 'is not a cron line of five fields, for example 0 2 * * *')
    .describe('When: minute, hour, day of month, month, day of week; or @daily and its like. Days of the month or of the week, not both.'),
  timeZone: z
    .string()
    .refine((zone) => TIME_ZONES.has(zone), 'is not a time zone: write for example Europe/Berlin')
    .default('UTC')
    .describe('In which the cron line is read.'),
  catchUpWindow: duration.default('6h').describe('A night that was missed is made up for when it is not longer ago than this.'),
  jitter: duration.default('0s').describe('Each start is put off by a random time up to this, so that not everything starts at once.'),
});

const count = z.number().int().min(0);

const retentionSchema = z.strictObject({
  keepLast: count.default(7).describe('The newest so many proven backups stay.'),
  keepFor: duration.optional().describe('Proven backups younger than this stay.'),
  daily: count.default(0).describe('The newest proven backup of each of so many days stays; the days begin in the time zone of the schedule.'),
  weekly: count.default(0),
  monthly: count.default(0),
  yearly: count.default(0),
  minimumProven: z.number().int().min(1).default(3).describe('The newest so many proven backups are never removed, whatever else is said.'),
});

const smokeSchema = z.strictObject({
  name,
  sql: z.string().min(1).describe('A query of one value.'),
  expect: z.union([z.string(), z.number(), z.boolean()], 'must be text, a number, true or false').describe('The value that the restored database has to give.'),
});

const proofSchema = z.strictObject({
  after: z.enum(['every', 'never']).default('every').describe('Whether each backup is restored and compared before it counts. Only proven backups count for retention.'),
  where: z.union([z.literal('local'), name], 'must be local or the name of a server').default('local').describe('local: a throwaway server on the machine of the worker; or a server of the inventory, in a database that is made for it.'),
  smoke: z.array(smokeSchema).default([]).describe('Queries that the restored database has to answer as said.'),
  amcheck: z.boolean().default(true).describe('Look into every index with amcheck, where the extension is at hand.'),
});

export const backupSchema = z.strictObject({
  server: name.describe('Name of the server to back up; a standby will do.'),
  databases: z.union([z.literal('all'), z.array(z.string().min(1)).min(1)], 'must be all or a list of names').describe('all, or a list.'),
  format: z.enum(['directory', 'custom', 'plain', 'cluster']).default('directory').describe('directory: dumped and restored in parallel, proven table by table. The others are for those who need them: custom and plain have one session and are proven by the number of their rows; cluster, the whole server as a script, is restored by hand, cannot be proven, and so never expires.'),
  jobs: z.number().int().min(1).max(64).default(2).describe('Sessions that dump at once, in the format directory; the others have one.'),
  compression: z.enum(['zstd', 'none']).default('zstd'),
  store: name.default('default').describe('Name of the store.'),
  encryption: name.optional().describe('Name of the key that seals and signs the backups. Without: neither sealed nor signed.'),
  schedule: scheduleSchema.optional().describe('When it runs by itself; `pgconvoy schedule apply` puts it in force. Without: only by hand.'),
  lockTimeout: duration.default('30s').describe('How long the dump waits for a lock on a table before it gives up and names the holder.'),
  staging: z
    .strictObject({
      folder: z.string().min(1).optional().describe("Where pg_dump writes before the store has it. Default: the system's folder for temporary files."),
      limit: size.default('2GB').describe('The most it may hold; the dump waits for the store when it is reached.'),
    })
    .prefault({}),
  retention: retentionSchema.prefault({}),
  proof: proofSchema.prefault({}),
  objectives: z
    .strictObject({
      rpo: duration.optional().describe('The newest proven backup shall never be older.'),
      rto: duration.optional().describe('A restore shall never take longer.'),
    })
    .prefault({}),
});
