import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { detachedPid, startDetached } from './detached-process.ts';
import { assertPortFree, isListening } from './ports.ts';
import { runProgram } from './run-program.ts';

export interface TemporalServerPlan {
  /** Path of the `temporal` program. */
  readonly program: string;
  /** gRPC. */
  readonly port: number;
  /** Address of this machine that it listens on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Web UI, on 127.0.0.1; without one there is no UI. */
  readonly uiPort?: number;
  /** SQLite file that keeps everything over restarts; without one it is forgotten. */
  readonly dbFile?: string;
  /** Custom search attributes by name, with Temporal's type: `Keyword`, `Int`, … */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly pidFile: string;
}

export interface TemporalServer {
  /** For clients: `127.0.0.1:7233`. The namespace is `default`. */
  readonly address: string;
  readonly uiUrl?: string;
}

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';

/**
 * Starts Temporal's development server and waits until it serves; it goes on when we end, until `stopDetached(pidFile)`.
 * One that was started with the same pid file is used.
 *
 * Errors: `port_in_use`, `program_missing`, `program_failed` with the end of its log.
 */
export async function startTemporalServer(plan: TemporalServerPlan): Promise<TemporalServer> {
  const host = plan.host ?? LOOPBACK;
  const address = `${host}:${plan.port}`;
  if ((await detachedPid(plan.pidFile)) === undefined) {
    await assertPortFree(plan.port, 'the Temporal server');
    if (plan.uiPort !== undefined) await assertPortFree(plan.uiPort, "Temporal's web UI");
  }
  if (plan.dbFile) await mkdir(dirname(plan.dbFile), { recursive: true });
  await startDetached({
    name: 'Temporal server',
    program: plan.program,
    args: argsOf(plan),
    env: homeEnvironment(),
    logFile: plan.logFile,
    pidFile: plan.pidFile,
    ready: async () => (await isListening(plan.port, host)) && (await hasNamespace(plan.program, address)),
  });
  return { address, ...(plan.uiPort === undefined ? {} : { uiUrl: `http://${LOOPBACK}:${plan.uiPort}` }) };
}

const argsOf = (plan: TemporalServerPlan): string[] => [
  'server',
  'start-dev',
  // Its services dial one another at loopback: one that listens elsewhere has to listen there too.
  `--ip=${plan.host === undefined || plan.host === LOOPBACK ? LOOPBACK : EVERYWHERE}`,
  `--port=${plan.port}`,
  '--log-level=warn',
  ...(plan.uiPort === undefined ? ['--headless'] : [`--ui-ip=${LOOPBACK}`, `--ui-port=${plan.uiPort}`, '--ui-disable-news-fetch']),
  ...(plan.dbFile ? [`--db-filename=${plan.dbFile}`] : []),
  ...Object.entries(plan.searchAttributes ?? {}).map(([name, type]) => `--search-attribute=${name}=${type}`),
];

/** The program refuses to run without HOME, which services often do not have. */
const homeEnvironment = (): Record<string, string> => ({ HOME: homedir() });

/** The port opens before the default namespace is there, without which nothing can be started. */
async function hasNamespace(program: string, address: string): Promise<boolean> {
  const args = ['operator', 'namespace', 'describe', '--namespace=default', `--address=${address}`];
  return (await runProgram({ program, args, env: homeEnvironment(), answers: [1] })).exitCode === 0;
}
