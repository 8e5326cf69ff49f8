import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { writeDurably } from '../programs/cluster/durable-file.ts';
import type { AgentFacts, AgentJournal } from './agent-journal.ts';

const NOTHING_YET: AgentFacts = { epoch: null, destructiveStep: null, rewriteEnded: false, selfFencedAt: null, window: null };

/**
 * The journal of an agent, one JSON file that is replaced as a whole. Throws `node_failed` when there is one that cannot be read: an agent that has
 * forgotten its epoch would take orders that it has to refuse.
 */
export async function openJournal(stateDir: string): Promise<AgentJournal> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, 'journal.json');
  let facts = await read(path);
  let last: Promise<void> = Promise.resolve();
  return {
    facts: () => facts,
    keep(change) {
      const kept = last.then(async () => {
        const changed = { ...facts, ...change };
        await writeDurably(path, JSON.stringify(changed, null, 2), undefined);
        facts = changed;
      });
      last = kept.catch(() => undefined);
      return kept;
    },
  };
}

async function read(path: string): Promise<AgentFacts> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return NOTHING_YET;
  try {
    return { ...NOTHING_YET, ...(JSON.parse(text) as AgentFacts) };
  } catch (error) {
    throw new OperationError('node_failed', `the journal of the agent, ${path}, cannot be read`, { detail: (error as Error).message, hint: 'Restore it, or move it away once `pgconvoy cluster show` says that nothing is under way on the node.', cause: error });
  }
}
