import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Two folders outside the checkout. Tools are slow to get and the same for every checkout; state is what `pgconvoy up`
 * started. Root gets system folders, because Postgres refuses to run as root and its account cannot enter root's home.
 */
const isRoot = (): boolean => process.getuid?.() === 0;

/** Where installed programs are kept, one folder per program and version. `PGCONVOY_TOOLS` moves it. */
export function toolsDir(): string {
  const moved = process.env['PGCONVOY_TOOLS'];
  if (moved) return moved;
  if (isRoot()) return '/var/cache/pgconvoy';
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pgconvoy');
}

/** Where the embedded parts keep their data and process files. `PGCONVOY_STATE` moves it. */
export function stateDir(): string {
  const moved = process.env['PGCONVOY_STATE'];
  if (moved) return moved;
  if (isRoot()) return '/var/lib/pgconvoy';
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'pgconvoy');
}
