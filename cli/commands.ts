import type { Command } from 'commander';

interface CommandModule {
  /** Adds the command to the program. */
  register(program: Command): void;
}

export interface CommandRow {
  readonly name: string;
  /** For the list in `pgconvoy --help`; the command's own help has its description. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of the help. A command's module is loaded only when it is called, so that help is quick. */
export const COMMANDS: readonly CommandRow[] = [
  { name: 'init', summary: 'write a commented sample inventory', load: () => import('./commands/init.ts') },
  { name: 'config', summary: 'check and show the inventory and the settings', load: () => import('./commands/config.ts') },
  { name: 'check', summary: 'say what would go wrong with a migration, and what helps', load: () => import('./commands/check.ts') },
  { name: 'grants', summary: 'print the SQL of the least role on a server', load: () => import('./commands/grants.ts') },
  { name: 'up', summary: 'start Temporal, catalog, object store and worker on this machine', load: () => import('./commands/up.ts') },
  { name: 'down', summary: 'stop what `up` has started; the data stays', load: () => import('./commands/down.ts') },
  { name: 'status', summary: 'show what runs, who works and what is under way', load: () => import('./commands/status.ts') },
  { name: 'worker', summary: 'run a worker in the foreground', load: () => import('./commands/worker.ts') },
  { name: 'migrate', summary: 'move a database to another server while the application runs', load: () => import('./commands/migrate.ts') },
  { name: 'backup', summary: 'make, prove, look at and restore backups', load: () => import('./commands/backup.ts') },
  { name: 'probe', summary: 'see what an application sees of a switchover or failover', load: () => import('./commands/probe.ts') },
  { name: 'cluster', summary: 'watch, switch over and fail over native clusters', load: () => import('./commands/cluster.ts') },
  { name: 'schedule', summary: 'say when backups run by themselves', load: () => import('./commands/schedule.ts') },
  { name: 'schema', summary: 'dump the definitions of a database', load: () => import('./commands/schema.ts') },
  { name: 'audit', summary: 'read, prove and export what was done and by whom', load: () => import('./commands/audit.ts') },
];
