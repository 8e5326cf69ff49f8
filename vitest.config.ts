import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

/** Worlds of several servers with an agent each, which watch each other by the clock: they get the machine to themselves. */
const CLUSTERS = 'test/**/cluster-*.e2e.test.ts';

const files = (name: string): { include: string[]; exclude: string[] } => {
  switch (name) {
    case 'fast':
      return { include: ['test/**/*.test.ts'], exclude: ['test/**/*.{pg,temporal,e2e,browser}.test.ts'] };
    case 'cluster':
      return { include: [CLUSTERS], exclude: [] };
    default:
      return { include: [`test/**/*.${name}.test.ts`], exclude: [CLUSTERS] };
  }
};

/** What a test needs is in its suffix, and each suffix is a project: `vitest run --project pg`; end-to-end tests of clusters are one of their own. */
const suite = (name: string, timeoutSeconds: number, place: { order: number; workers: number }) => ({
  test: {
    name,
    ...files(name),
    // Most of a fast file's time would go into loading modules anew: the files of a worker share them, and put back what they change.
    ...(name === 'fast' ? { pool: 'threads' as const, isolate: false, unstubEnvs: true } : { pool: 'forks' as const }),
    // Only ever reached by a test that hangs: a machine that others load takes several times as long.
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: Math.max(timeoutSeconds, 120) * 1000,
    // Workers and commands that tests start are many: what they are made of is compiled once.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
    maxWorkers: place.workers,
    // What runs servers depends on a machine that others load: another try there, but never a silent one (the summary names it).
    retry: process.env['CI'] === undefined ? 0 : name === 'fast' ? 1 : 2,
    sequence: { groupOrder: place.order },
  },
});

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', 'test/support/summary-reporter.ts'],
    // One suite after the other, and few files at a time: servers are what the machine's two cores are for.
    projects: [
      suite('fast', 120, { order: 0, workers: 2 }),
      suite('pg', 300, { order: 1, workers: 2 }),
      suite('temporal', 300, { order: 2, workers: 2 }),
      suite('e2e', 900, { order: 3, workers: 2 }),
      suite('cluster', 900, { order: 4, workers: 1 }),
      suite('browser', 900, { order: 5, workers: 1 }),
    ],
  },
});
