import { z } from 'zod';

import { DRILL_KINDS } from '../../../domain/cluster/drill/plan.ts';

const count = z.number().min(0);

export const drillClusterInput = z.strictObject({
  cluster: z.string().min(1).describe('A name under `clusters` of the inventory.'),
  name: z.string().min(1).optional().describe('A name under its `drills`.'),
  kind: z.enum(DRILL_KINDS).optional().describe('What is broken; over that of the inventory.'),
  hypothesis: z.strictObject({ maxWriteGapMs: count, maxReadGapMs: count, maxLostWrites: count, maxClientErrors: count.nullable(), redundantWithinMs: count }).partial().optional(),
  abortLimits: z.strictObject({ writeGapMs: count, clientErrors: count }).partial().optional(),
  consentBy: z.string().min(1).optional().describe('Who agrees to the fault; without one, who has agreed in the inventory.'),
  baselineSeconds: z.number().min(0.5).max(3600).optional().describe('How long the probe runs before the fault, and after it.'),
  writers: z.number().int().min(1).max(200).default(8),
  rate: z.number().int().min(1).max(50_000).default(500).describe('Writes per second, all writers together.'),
  failBack: z.boolean().optional().describe('Switch back when the cool-down is over.'),
  dryRun: z.boolean().default(false).describe('Only look at the gates.'),
});

export type DrillClusterInput = z.input<typeof drillClusterInput>;
export type DrillClusterOrder = z.output<typeof drillClusterInput>;
