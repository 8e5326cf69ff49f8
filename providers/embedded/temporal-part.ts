import { join } from 'node:path';

import { stopDetached } from '../../programs/detached-process.ts';
import { isListening } from '../../programs/ports.ts';
import { missing, runProgram } from '../../programs/run-program.ts';
import { startTemporalServer } from '../../programs/temporal-server.ts';
import { logFileOf, makePartFolder, partFolder, type PartReport, pidFileOf, processOf, readFacts, type StartedPart, writeFacts } from './part-folder.ts';

export interface TemporalWish {
  readonly stateDir: string;
  /** Path of the `temporal` program; undefined when it is not installed. */
  readonly program: string | undefined;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly uiPort: number;
}

export interface TemporalFacts {
  readonly port: number;
  readonly uiPort: number;
  readonly address: string;
  readonly uiUrl: string;
  readonly version: string;
}

/** Starts Temporal's development server; one that runs is used, at the ports it has. Errors: `program_missing`, `port_in_use`, `program_failed`. */
export async function startTemporalPart({ stateDir, program, port, uiPort }: TemporalWish): Promise<StartedPart<TemporalFacts>> {
  if (program === undefined) throw missing('temporal');
  const folder = await makePartFolder(stateDir, 'temporal');
  const running = (await processOf(folder)) !== undefined;
  const known = running ? readFacts<TemporalFacts>(folder) : undefined;
  const facts = known ?? { port, uiPort, address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}`, version: await versionOf(program) };
  await writeFacts(folder, facts);
  await startTemporalServer({ program, port: facts.port, uiPort: facts.uiPort, dbFile: join(folder, 'temporal.db'), logFile: logFileOf(folder), pidFile: pidFileOf(folder) });
  return { facts, startedNow: !running };
}

export async function reportTemporalPart(stateDir: string): Promise<PartReport> {
  const folder = partFolder(stateDir, 'temporal');
  const [facts, process] = [readFacts<TemporalFacts>(folder), await processOf(folder)];
  if (facts === undefined || process === undefined) return { part: 'temporal', state: 'stopped' };
  const state = (await isListening(facts.port)) ? 'running' : 'not-answering';
  return { part: 'temporal', state, address: `${facts.address}, ${facts.uiUrl}`, ...process, version: facts.version, log: logFileOf(folder) };
}

/** Returns whether it ran. */
export const stopTemporalPart = (stateDir: string): Promise<boolean> => stopDetached(pidFileOf(partFolder(stateDir, 'temporal')));

/** `temporal version 1.5.0 (Server 1.29.1, UI 2.42.1)`: the server's is the one that counts. */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await runProgram({ program, args: ['--version'] });
  return /Server ([\d.]+)/.exec(stdout)?.[1] ?? stdout.trim();
}
