import { z } from 'zod';

import { DRILL_KINDS } from '../domain/cluster/drill/plan.ts';
import { scheduleSchema } from './backup-schema.ts';
import { duration, name } from './inventory-fields.ts';

const wholeNumber = z.number().int().min(0);

export const hypothesisSchema = z
  .strictObject({
    maxWriteGap: duration.default('10s').describe('The longest time that a writer goes without an acknowledged write.'),
    maxReadGap: duration.default('10s').describe('The longest time that a reader goes without an answer.'),
    maxLostWrites: wholeNumber.default(0).describe('Acknowledged writes that may be gone afterwards.'),
    maxClientErrors: wholeNumber.optional().describe('Writes that may end otherwise than acknowledged. Default: no limit; they are counted.'),
    redundantWithin: duration.default('2m').describe('From the fault until every standby streams again.'),
  })
  .prefault({});

export const abortLimitsSchema = z
  .strictObject({
    writeGap: duration.default('60s').describe('After so long without a write the drill is over and an emergency failover begins.'),
    clientErrors: wholeNumber.default(100_000),
  })
  .prefault({});

const windowSchema = z.strictObject({
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day, for example 02:00'),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day, for example 04:00'),
  timeZone: z.string().default('UTC'),
});

/** A drill that is held again and again: what is broken, what is expected of it, and when. */
export const drillSchema = z.strictObject({
  kind: z.enum(DRILL_KINDS),
  hypothesis: hypothesisSchema,
  abort: abortLimitsSchema,
  baseline: duration.default('30s').describe('The probe runs for so long before the fault, and for so long after it.'),
  failBack: z.boolean().default(false).describe('Switch back to the old primary when the cool-down is over.'),
  window: windowSchema.optional().describe('Outside it the drill is refused. Default: it may be held at any time.'),
  schedule: scheduleSchema.optional().describe('When it is held by itself; `pgconvoy schedule apply` puts it in force.'),
  consentBy: z.string().min(1).optional().describe('Who has agreed to it; a drill by schedule needs it.'),
});

/** What all drills of a cluster need. */
export const drillingSchema = z
  .strictObject({
    backup: z.union([name, z.literal('waived')]).optional().describe('The backup policy whose newest proven backup is looked at before a drill; waived: there is nothing in the cluster that is worth one.'),
    backupMaxAge: duration.default('26h'),
    partition: z
      .strictObject({
        command: z.array(z.string().min(1)).min(1).describe('Program and arguments, run by the worker without a shell. Gets PGCONVOY_NODE, PGCONVOY_HOST and PGCONVOY_ACTION, which is cut or heal.'),
        timeout: duration.default('10s'),
      })
      .optional()
      .describe('How a node is cut off from the network, for drills of the kind partition.'),
    freeze: duration.default('20s').describe('How long a drill of the kind freeze stops all processes of a node.'),
    largestFill: z.string().regex(/^\d+(kB|MB|GB)$/, 'is not a size: write for example 512MB').default('2GB').describe('A disk with more free space is not filled by a drill of the kind disk-full.'),
  })
  .prefault({});

export type DrillEntry = z.output<typeof drillSchema>;
export type DrillingEntry = z.output<typeof drillingSchema>;
