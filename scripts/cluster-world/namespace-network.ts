import { randomInt } from 'node:crypto';
import { join } from 'node:path';

import { ipProgram } from '../../config/program-folders.ts';
import { OperationError } from '../../domain/errors.ts';
import { isAlive } from '../../programs/process-state.ts';
import { runProgram } from '../../programs/run-program.ts';
import type { WorldNetwork } from './world-network.ts';

/** Then the process that made it, a letter for the world, and, for what belongs to a node, its number. Names of devices have at most 15 characters. */
const PREFIX = 'pgcv';
const NAME = /^pgcv(\d+)[a-z]/;

/** An `ip` that set-up has unpacked brings its own libraries, which are not for the programs it starts. */
const UNPACKED_LIBRARIES = 'LD_LIBRARY_PATH';

let worlds = 0;

/**
 * One bridge, and on it a namespace for each node with an address of its own; Temporal and the rest stay in the namespace of this machine, at the address of
 * the bridge. Closing it leaves nothing. Errors: `program_missing`, `setting_invalid` with what is missing.
 */
export async function namespaceNetwork(nodes: readonly string[]): Promise<WorldNetwork> {
  await assertPossible();
  await sweepNetworks();
  const name = `${PREFIX}${process.pid}${String.fromCharCode(97 + (worlds++ % 26))}`;
  const net = await freeNet();
  const home = `10.177.${net}.1`;
  const place = new Map(nodes.map((node, index) => [node, { space: `${name}-${node}`, device: `${name}${index + 1}`, host: `10.177.${net}.${index + 11}` }]));
  const of = (node: string) => place.get(node) ?? raise(node);
  await ip('link', 'add', name, 'type', 'bridge');
  await ip('addr', 'add', `${home}/24`, 'dev', name);
  await ip('link', 'set', name, 'up');
  for (const { space, device, host } of place.values()) await addNode(name, { space, device, host });
  return {
    home,
    trusted: [`10.177.${net}.0/24`],
    host: (node) => of(node).host,
    on: (node, words) => [ipProgram() ?? 'ip', 'netns', 'exec', of(node).space, 'env', '-u', UNPACKED_LIBRARIES, ...words],
    // A port that has left the bridge is up, and what comes in at it goes nowhere: no module of the kernel is needed for that.
    cut: (node, by) => (by === 'link' ? ip('link', 'set', of(node).device, 'down') : ip('link', 'set', of(node).device, 'nomaster')),
    heal: (node) => ip('link', 'set', of(node).device, 'master', name, 'up'),
    hook: ['/bin/sh', join(import.meta.dirname, 'cut-node.sh'), ipProgram() ?? 'ip', name],
    [Symbol.asyncDispose]: () => removeNetwork(name),
  };
}

/** What a namespace network needs and this machine lacks. */
async function assertPossible(): Promise<void> {
  if (process.getuid?.() !== 0) throw new OperationError('setting_invalid', 'network namespaces can only be made by root', { hint: 'Run this as root, or in a container with CAP_NET_ADMIN and CAP_SYS_ADMIN.' });
  if (ipProgram() === undefined) throw new OperationError('program_missing', 'network namespaces need the program ip', { hint: 'Run `npm run setup`, which installs the package iproute2.' });
}

async function addNode(bridge: string, { space, device, host }: { space: string; device: string; host: string }): Promise<void> {
  await ip('netns', 'add', space);
  await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
  await ip('link', 'set', device, 'master', bridge, 'up');
  await ip('-n', space, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
  await ip('-n', space, 'link', 'set', 'eth0', 'up');
  await ip('-n', space, 'link', 'set', 'lo', 'up');
}

async function freeNet(): Promise<number> {
  const taken = await output('-o', '-4', 'addr', 'show');
  for (;;) {
    const net = randomInt(1, 255);
    if (!taken.includes(` 10.177.${net}.`)) return net;
  }
}

/** Removes what worlds have left whose process was killed. */
export async function sweepNetworks(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const names = await namesOf().catch(() => []);
  for (const name of new Set(names.map((one) => NAME.exec(one)?.[0] ?? ''))) {
    const owner = Number(NAME.exec(name)?.[1]);
    if (name !== '' && !(await isAlive(owner))) await removeNetwork(name);
  }
}

/** All namespaces and devices whose names begin as ours do. */
async function namesOf(): Promise<string[]> {
  const spaces = (await output('netns', 'list')).split('\n').map((line) => line.split(' ')[0] ?? '');
  const devices = (await output('-o', 'link', 'show')).split('\n').map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '');
  return [...spaces, ...devices].filter((name) => NAME.test(name));
}

async function removeNetwork(name: string): Promise<void> {
  const parts = (await namesOf()).filter((one) => NAME.exec(one)?.[0] === name);
  // A device with a peer in a namespace goes with it, at some moment after the namespace has.
  for (const part of parts) await ip(...(part.includes('-') ? ['netns', 'delete', part] : ['link', 'delete', part])).catch(() => undefined);
}

async function ip(...args: readonly string[]): Promise<void> {
  await output(...args);
}

const output = async (...args: readonly string[]): Promise<string> => (await runProgram({ program: ipProgram() ?? 'ip', args })).stdout;

function raise(node: string): never {
  throw new Error(`there is no node ${node} in this world`);
}
