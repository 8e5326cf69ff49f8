import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Secret } from '../../../domain/secret.ts';
import { parseLedger, type WriteRecord } from './write-record.ts';
import type { WritersSummary } from './writers-summary.ts';

export interface ApplicationPlan {
  readonly routeFile: string;
  /** A folder for the ledger and the summary. */
  readonly folder: string;
  readonly writers: number;
  /** Transactions per second, all writers together. */
  readonly rate: number;
  readonly user: string;
  readonly password?: Secret;
}

/** What an application remembers when it has stopped. */
export interface ApplicationMemory {
  readonly summary: WritersSummary;
  readonly records: readonly WriteRecord[];
}

/** The writers, seen from the process that started them. */
export class Application {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #exit: Promise<unknown>;
  #transactions = 0;

  constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#exit = once(child, 'exit');
    child.on('message', (message: { transactions: number }) => {
      this.#transactions = message.transactions;
    });
  }

  /** Transactions so far, a quarter of a second ago. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Resolves when that many transactions are through; throws when the writers die. */
  async reach(transactions: number): Promise<void> {
    while (this.#transactions < transactions) {
      await Promise.race([once(this.#child, 'message'), this.#exit]);
      if (this.#child.exitCode !== null) throw new Error(`the writers ended with exit code ${this.#child.exitCode}`);
    }
  }

  /** Lets the transactions under way end, and gives what the writers remember. */
  async stop(): Promise<ApplicationMemory> {
    if (this.#child.connected) this.#child.send('stop');
    await this.#exit;
    const summary = await readFile(summaryFile(this.#folder), 'utf8').catch((cause: unknown) => {
      throw new Error(`the writers died (exit code ${this.#child.exitCode}, signal ${this.#child.signalCode})`, { cause });
    });
    const records = parseLedger(await readFile(ledgerFile(this.#folder), 'utf8'));
    return { summary: JSON.parse(summary) as WritersSummary, records };
  }

  /** Ends the process whatever it does; fine if it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

const ledgerFile = (folder: string): string => join(folder, 'ledger.jsonl');
const summaryFile = (folder: string): string => join(folder, 'writers.json');

/** Starts the writers as a process of their own. */
export function startApplication(plan: ApplicationPlan): Application {
  const program = new URL('writers.ts', import.meta.url);
  const args = ['--route', plan.routeFile, '--ledger', ledgerFile(plan.folder), '--summary', summaryFile(plan.folder), '--writers', String(plan.writers), '--rate', String(plan.rate), '--user', plan.user];
  const env = { ...process.env, ...(plan.password === undefined ? {} : { PGPASSWORD: plan.password.reveal() }) };
  // stdout belongs to the report of who started us.
  return new Application(fork(program, args, { env, stdio: ['ignore', 2, 2, 'ipc'] }), plan.folder);
}
