import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { addStandbySignal, hasStandbySignal } from '../programs/cluster/standby-signal.ts';
import { livingPostmaster } from '../programs/cluster/server-processes.ts';
import type { NodeAgent } from './node-agent.ts';

/**
 * A rewind takes the signal file away while it writes. What it left behind when the agent was killed never comes up as a primary, whoever starts it (HA21).
 * Gives the operation that did not end, when something was done about it.
 */
export async function shieldUnfinished({ journal, server }: Pick<NodeAgent, 'journal' | 'server'>): Promise<string | null> {
  const { destructiveStep } = journal.facts();
  if (destructiveStep === null) return null;
  const place = await server();
  const isThere = existsSync(join(place.dataDir, 'PG_VERSION'));
  if (!isThere || hasStandbySignal(place) || (await livingPostmaster(place.dataDir)) !== undefined) return null;
  await addStandbySignal(place);
  return destructiveStep;
}
