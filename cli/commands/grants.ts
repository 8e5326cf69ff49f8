import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import type { Inventory } from '../../config/inventory-schema.ts';
import { loadInventory } from '../../config/inventory.ts';
import { resolveServer } from '../../config/resolve-server.ts';
import { OperationError } from '../../domain/errors.ts';
import { leastRole, PARTS, type Grant, type LeastRoleWish, type Part } from '../../domain/least-role.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { readOwners } from '../../postgres/preflight/owners.ts';
import { globalOptions, printResult } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

interface GrantsOptions {
  readonly role?: string;
  readonly database?: string;
  readonly migration?: string;
  readonly major?: number;
}

/** `pgconvoy grants <server>`: the SQL of the least role. Prints it, runs nothing. */
export function register(program: Command): void {
  program
    .command('grants')
    .description('Prints the SQL that gives a role the least it needs on a server. Runs nothing.')
    .argument('<server>', 'its name in the inventory')
    .option('--role <name>', 'the role (default: the user of the server in the inventory)')
    .option('--migration <name>', 'only what this migration needs, in its database')
    .option('--database <name>', 'the database, without --migration')
    .option('--major <n>', 'the major version, when the server cannot be asked', wholeNumber)
    .action(grants);
}

async function grants(name: string, options: GrantsOptions, command: Command): Promise<void> {
  const path = findInventory(globalOptions(command).inventory);
  const inventory = loadInventory(path);
  const entry = entryNamed('server', inventory.servers, name);
  const { database, parts } = partsOf(name, options, inventory);
  const asked = await ask(resolveServer(inventory, name, baseDirOf(path)), database, options.major);
  const { remark, ...known } = { ...asked, owners: [...new Set([...asked.owners, ...mappedOwners(options, { role: options.role ?? entry.user, parts, inventory })])] };
  const wish = { role: options.role ?? entry.user, database, parts, provider: entry.provider, maintenanceDatabase: entry.maintenanceDatabase, ...known };
  const statements = leastRole(wish);
  const runIn = known.exists ? database : entry.maintenanceDatabase;
  printResult(command, { server: name, role: wish.role, database, runIn, parts, remark, statements }, () => sqlText({ server: name, database: runIn, remark, statements }));
}

/** The database, and the parts that the server plays: those of the migration, or both. */
function partsOf(server: string, { migration, database }: GrantsOptions, inventory: Inventory): { database: string; parts: readonly Part[] } {
  if (migration === undefined) {
    if (database === undefined) throw new OperationError('usage', 'a database is needed', { hint: 'Add --migration <name> or --database <name>.' });
    return { database, parts: PARTS };
  }
  const wanted = entryNamed('migration', inventory.migrations, migration);
  const parts = PARTS.filter((part) => wanted[part] === server);
  if (parts.length === 0) throw new OperationError('usage', `server ${server} has no part in migration ${migration}`, { detail: `Its servers are ${wanted.source} and ${wanted.target}.` });
  return { database: parts[0] === 'source' ? wanted.database : (wanted.targetDatabase ?? wanted.database), parts };
}

/** Roles that a migration maps others to have to be there, and are given objects by us. */
function mappedOwners({ migration }: GrantsOptions, { role, parts, inventory }: { role: string; parts: readonly Part[]; inventory: Inventory }): string[] {
  if (migration === undefined || !parts.includes('target')) return [];
  const { owners, roles } = entryNamed('migration', inventory.migrations, migration);
  return owners ? Object.values(roles).filter((name) => name !== role) : [];
}

type Known = Pick<LeastRoleWish, 'major' | 'owners' | 'superusers' | 'ownedBySuperuser' | 'exists'> & { readonly remark?: string };

const NEWEST_MAJOR = 18;

/** Asks the server; the role may not exist yet, so a server that does not let us in is no error. */
async function ask(server: ServerAddress, database: string, major: number | undefined): Promise<Known> {
  try {
    await using session = await connect(server, { database, purpose: 'grants' });
    return { major: session.major, exists: true, ...(await readOwners(session)) };
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (error.code === 'database_missing') {
      await using maintenance = await connect(server, { purpose: 'grants' });
      return { major: maintenance.major, exists: false, owners: [], superusers: [], ownedBySuperuser: false };
    }
    const assumed = major ?? NEWEST_MAJOR;
    return {
      major: assumed,
      exists: true,
      owners: ['<owner>'],
      superusers: [],
      ownedBySuperuser: false,
      remark: `The server could not be asked (${error.message}): written for PostgreSQL ${assumed}. Replace <owner> by each role that owns the database or a table in it.`,
    };
  }
}

function sqlText({ server, database, remark, statements }: { server: string; database: string; remark: string | undefined; statements: readonly Grant[] }): string {
  const head = [`-- server ${server}: run as a superuser (on Azure: as a member of azure_pg_admin) in database ${database}`, ...(remark === undefined ? [] : [`-- ${remark}`])];
  const body = statements.map(({ why, sql }) => (sql === undefined ? `-- not granted: ${why}` : `${sql}  -- ${why}`));
  return [...head, ...body].join('\n');
}
