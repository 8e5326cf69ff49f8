/**
 * Stops all processes of a server, and its agent, for a while, as a virtual machine stops that is paused: `node freeze-server.ts <data directory> <pid of the
 * agent> <milliseconds> <file for the proof>`. It is a program of its own, because the agent that is frozen cannot wake itself: whatever happens to who
 * ordered it, the time runs out and everything goes on. SIGTERM ends it early.
 */
import { writeFileSync } from 'node:fs';

import { send } from './kill-tree.ts';
import { serverProcesses } from './server-processes.ts';

/** Who ordered it has to say that it is under way before it is stopped. */
const BEFORE_MS = 300;
const LOOK_EVERY_MS = 5;
const ROUNDS = 200;

const [dataDir = '', agent = '', forMs = '', proof = ''] = process.argv.slice(2);
const agentPid = Number(agent);
if (!(agentPid > 1) || !(Number(forMs) > 0)) throw new RangeError('usage: freeze-server.ts <data directory> <pid of the agent> <milliseconds> <file for the proof>');

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function thaw(): void {
  for (const { pid } of serverProcesses(dataDir)) send(pid, 'SIGCONT');
  send(agentPid, 'SIGCONT');
}

async function freeze(): Promise<void> {
  send(agentPid, 'SIGSTOP');
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = serverProcesses(dataDir).filter(({ state }) => state !== 'T');
    if (running.length === 0) break;
    for (const { pid } of running) send(pid, 'SIGSTOP');
    await sleep(LOOK_EVERY_MS);
  }
  const found = serverProcesses(dataDir);
  writeFileSync(proof, JSON.stringify({ stopped: found.filter(({ state }) => state === 'T').length, running: found.filter(({ state }) => state !== 'T').length }));
}

process.once('SIGTERM', () => {
  thaw();
  process.exit(0);
});
await sleep(BEFORE_MS);
await freeze();
await sleep(Number(forMs));
thaw();
