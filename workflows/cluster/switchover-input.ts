import { z } from 'zod';

/** The one JSON object that starts a planned switchover. */
export const switchOverClusterInput = z.strictObject({
  cluster: z.string().min(1).describe('A name under `clusters` of the inventory.'),
  to: z.string().min(1).optional().describe('The node that becomes primary; default: the preferred one that can.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
  ignoreCoolDown: z.boolean().default(false).describe('Also shortly after the last change of roles.'),
  dryRun: z.boolean().default(false).describe('Only look: every check, and the predicted downtime.'),
});

export type SwitchOverClusterInput = z.input<typeof switchOverClusterInput>;
