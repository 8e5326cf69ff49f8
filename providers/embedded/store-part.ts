import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '../../domain/secret.ts';
import { azuriteVersion, startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { isListening } from '../../programs/ports.ts';
import { logFileOf, makePartFolder, partFolder, type PartReport, pidFileOf, processOf, readFacts, type StartedPart, writeFacts } from './part-folder.ts';

export interface StoreWish {
  readonly stateDir: string;
  /** On 127.0.0.1. */
  readonly port: number;
}

export interface StoreFacts {
  readonly port: number;
  /** Of the account, as clients of blob storage take it. */
  readonly endpoint: string;
  readonly account: string;
  readonly keyFile: string;
  readonly version: string;
}

const ACCOUNT = 'pgconvoy';
/** What Azure's account keys have. */
const KEY_BYTES = 64;

/** Starts Azurite with an account of our own; one that runs is used. Errors: `port_in_use`, `program_failed`. */
export async function startStorePart({ stateDir, port }: StoreWish): Promise<StartedPart<StoreFacts>> {
  const folder = await makePartFolder(stateDir, 'store');
  const running = (await processOf(folder)) !== undefined;
  const known = running ? readFacts<StoreFacts>(folder) : undefined;
  const keyFile = join(folder, 'key');
  const facts = known ?? { port, endpoint: `http://127.0.0.1:${port}/${ACCOUNT}`, account: ACCOUNT, keyFile, version: azuriteVersion() };
  await writeFacts(folder, facts);
  if (!existsSync(keyFile)) await writeFile(keyFile, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600 });
  const key = new Secret(await readFile(keyFile, 'utf8'));
  await startAzurite({ port: facts.port, dataDir: join(folder, 'data'), account: { name: ACCOUNT, key }, logFile: logFileOf(folder), pidFile: pidFileOf(folder) });
  return { facts, startedNow: !running };
}

export async function reportStorePart(stateDir: string): Promise<PartReport> {
  const folder = partFolder(stateDir, 'store');
  const [facts, process] = [readFacts<StoreFacts>(folder), await processOf(folder)];
  if (facts === undefined || process === undefined) return { part: 'store', state: 'stopped' };
  const state = (await isListening(facts.port)) ? 'running' : 'not-answering';
  return { part: 'store', state, address: facts.endpoint, ...process, version: facts.version, log: logFileOf(folder) };
}

/** Returns whether it ran. */
export const stopStorePart = (stateDir: string): Promise<boolean> => stopDetached(pidFileOf(partFolder(stateDir, 'store')));
