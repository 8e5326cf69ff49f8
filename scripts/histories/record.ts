import { join } from 'node:path';

import { startVitest } from 'vitest/node';

/**
 * node scripts/histories/record.ts [scripts/histories/record-backup-histories.ts]
 *
 * Runs migrations and backups along every path and keeps their histories in test/histories/, for `test/workflows/replay.test.ts`. A history is
 * what runs under way look like to new code: record anew only what no released code has written, else add a patch. Takes a
 * minute; the servers are those of the tests' beds, so vitest runs it.
 */
const root = join(import.meta.dirname, '../..');
const vitest = await startVitest('test', [], { config: false, root, watch: false }, {
  test: { include: process.argv.length > 2 ? process.argv.slice(2) : ['scripts/histories/record-histories.ts', 'scripts/histories/record-backup-histories.ts', 'scripts/histories/record-keeping-histories.ts', 'scripts/histories/record-cluster-histories.ts', 'scripts/histories/record-switchover-histories.ts'], globalSetup: ['test/support/global-setup.ts'], testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks' },
});
await vitest.close();
