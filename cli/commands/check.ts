import { availableParallelism } from 'node:os';

import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { preflightRequest } from '../../config/preflight-request.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import { resolveServer } from '../../config/resolve-server.ts';
import { resolveSecret } from '../../config/secrets.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { judge, type PreflightReport } from '../../domain/preflight/report.ts';
import { gatherPreflightFacts } from '../../postgres/preflight/gather.ts';
import { findInstallations } from '../../programs/postgres-installations.ts';
import { gatherPoolerFacts } from '../../providers/pgbouncer-facts.ts';
import { globalOptions, printResult } from '../output.ts';
import { preflightText } from '../preflight-text.ts';

/** `pgconvoy check <migration>`: what would go wrong, with remedies. Changes nothing. */
export function register(program: Command): void {
  program
    .command('check')
    .description('Asks both servers of a migration everything that could go wrong, and says what helps. Changes nothing; exit status 4 when something blocks.')
    .argument('<migration>', 'its name in the inventory')
    .option('--problems', 'print only what is not in order')
    .action(check);
}

async function check(migration: string, options: { problems?: boolean }, command: Command): Promise<void> {
  const report = await checkMigration(migration, globalOptions(command).inventory);
  printResult(command, report, () => preflightText(report, { problemsOnly: options.problems === true, width: process.stdout.columns ?? DEFAULT_WIDTH }));
  if (!report.canProceed) process.exitCode = exitCodeOf('preflight_failed');
}

const DEFAULT_WIDTH = 100;

/** The report on a migration, as the inventory describes it or as the start order says otherwise. */
export async function checkMigration(name: string, inventoryFlag: string | undefined, overrides: { readonly mode?: 'online' | 'offline' } = {}): Promise<PreflightReport> {
  const path = findInventory(inventoryFlag);
  const inventory = loadInventory(path);
  const wanted = { ...entryNamed('migration', inventory.migrations, name), ...overrides };
  const lanes = wanted.copy.lanes ?? Math.max(2, availableParallelism());
  const [baseDir, source] = [baseDirOf(path), resolveServer(inventory, wanted.source, baseDirOf(path))];
  const secret = (reference: string) => resolveSecret({ reference, path: `migrations.${name}.cutover.route.password` }, baseDir);
  const facts = await gatherPreflightFacts({
    source,
    target: resolveServer(inventory, wanted.target, baseDir),
    request: preflightRequest(inventory, wanted, { lanes, clientMajor: await newestClientMajor() }),
    scope: wanted.scope,
    pooler: await gatherPoolerFacts(wanted.cutover.route, { source, secret }),
    seenFromTarget: inventory.servers[wanted.source]?.reachedFromTarget,
  });
  return judge(facts);
}

/** The newest pg_dump of this machine, which is the one a migration takes. */
async function newestClientMajor(): Promise<number | undefined> {
  const found = await findInstallations(postgresFolders());
  const majors = found.filter(({ programs }) => programs.includes('pg_dump') && programs.includes('pg_restore')).map(({ major }) => major);
  return majors.length === 0 ? undefined : Math.max(...majors);
}
