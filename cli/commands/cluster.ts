import type { Command } from 'commander';

import { registerClone } from '../cluster/clone.ts';
import { registerFollow } from '../cluster/follow.ts';
import { registerInit } from '../cluster/init.ts';
import { registerRejoin } from '../cluster/rejoin.ts';
import { registerDrill } from '../cluster/drill.ts';
import { registerFailover } from '../cluster/failover.ts';
import { registerSwitchover } from '../cluster/switchover.ts';
import { registerPause } from '../cluster/pause.ts';
import { registerRegister } from '../cluster/register.ts';
import { registerShow } from '../cluster/show.ts';
import { registerSync } from '../cluster/sync.ts';
import { registerUnregister } from '../cluster/unregister.ts';
import { registerWatch } from '../cluster/watch.ts';

/** `pgconvoy cluster`: native clusters, their roles, and what happens when one is lost. */
export function register(program: Command): void {
  const cluster = program.command('cluster').description('Keeps native clusters: a primary with standbys, an agent on each node, planned switchovers and failovers.');
  registerInit(cluster);
  registerClone(cluster);
  registerRejoin(cluster);
  registerFollow(cluster);
  registerSwitchover(cluster);
  registerShow(cluster);
  registerRegister(cluster);
  registerUnregister(cluster);
  registerPause(cluster);
  registerSync(cluster);
  registerFailover(cluster);
  registerWatch(cluster);
  registerDrill(cluster);
}
