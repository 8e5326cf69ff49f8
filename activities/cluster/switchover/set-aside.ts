/** Settings of a node that are other than they should be for as long as a switchover lasts: a slow restore_command, a long wal_sender_timeout. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { NodeAgent, NodeOrder } from '../../../agent/node-agent.ts';
import { alterSystem, readOwnSettings } from '../../../postgres/cluster/own-settings.ts';
import type { Dependencies } from '../../dependencies.ts';
import { onNode } from '../on-node.ts';

export interface SetAsideOrder extends NodeOrder {
  readonly settings: Readonly<Record<string, string>>;
}

/** What the settings were by ALTER SYSTEM, written down before they are changed; null: nothing was set that way. */
type Kept = Readonly<Record<string, string | null>>;

const fileOf = (agent: NodeAgent, { operation }: NodeOrder): string => join(agent.stateDir, `set-aside-${operation}.json`);

/** Sets them until {@link putBack}; again changes nothing. Those that the server cannot change while it runs are left alone. */
export const setAside = (deps: Dependencies) =>
  onNode(deps, 'setAside', async (agent, order: SetAsideOrder): Promise<void> => {
    const session = await agent.session();
    const own = await readOwnSettings(session, Object.keys(order.settings));
    const wanted = Object.fromEntries(Object.entries(order.settings).filter(([name]) => own[name]?.reloadable === true));
    await keepOnce(fileOf(agent, order), Object.fromEntries(Object.keys(wanted).map((name) => [name, own[name]?.altered ?? null])));
    await alterSystem(session, wanted);
  });

/** Puts back what this operation has set aside; nothing when it has not. */
export const putBack = (deps: Dependencies) =>
  onNode(deps, 'putBack', async (agent, order: NodeOrder): Promise<void> => {
    const path = fileOf(agent, order);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    await alterSystem(await agent.session(), JSON.parse(text) as Kept);
    await rm(path, { force: true });
  });

/** A second attempt would find its own values. */
async function keepOnce(path: string, kept: Kept): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(kept), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
