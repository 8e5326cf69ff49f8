import { z } from 'zod';

import { duration, secretReference } from './inventory-fields.ts';

/** How applications are led from one server to another: by a migration's cutover, or by a cluster's change of roles. */
export const routeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('command'),
    command: z.array(z.string().min(1)).min(1).describe('Program and arguments, run by the worker without a shell. Gets PGCONVOY_TARGET_HOST, _PORT, _DATABASE and PGCONVOY_DIRECTION.'),
    timeout: duration.default('10s'),
  }),
  z.strictObject({
    kind: z.literal('pgbouncer'),
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535).default(6432),
    user: z.string().min(1).describe('A role in admin_users.'),
    password: secretReference.optional(),
    database: z.string().min(1).describe('The entry in [databases] that the application uses.'),
    configFile: z.string().min(1).describe('pgbouncer.ini, or the file it includes, in which the entry stands; the worker rewrites that line.'),
  }),
]);
