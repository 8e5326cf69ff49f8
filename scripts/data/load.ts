import { parseArgs } from 'node:util';

import type { ServerAddress } from '../../domain/server.ts';
import { parseSize } from '../../domain/sizes.ts';
import { createBenchSet } from './bench-set.ts';
import { createRentalShop } from './rental-shop.ts';

/**
 * node scripts/data/load.ts rental-shop|bench-set --database shop [--size 200MB] [--host 127.0.0.1] [--port 5432] [--user postgres]
 *
 * Creates the database, server-side. For playing; the demo and the benchmark call the same functions themselves.
 */
const SETS = {
  'rental-shop': { create: createRentalShop, size: '200MB' },
  'bench-set': { create: createBenchSet, size: '2GB' },
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    database: { type: 'string' },
    size: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '5432' },
    user: { type: 'string', default: 'postgres' },
  },
});

const name = positionals[0] as keyof typeof SETS | undefined;
if (name === undefined || !Object.hasOwn(SETS, name)) throw new RangeError(`choose a data set: ${Object.keys(SETS).join(' or ')}`);

const bytes = parseSize(values.size ?? SETS[name].size);
if (bytes === undefined) throw new RangeError(`--size is for example 50MB or 2GB, not ${values.size}`);

const server: ServerAddress = { name: values.host, host: values.host, port: Number(values.port), user: values.user, maintenanceDatabase: 'postgres', tls: { mode: 'prefer' } };
const started = performance.now();
await SETS[name].create({
  server,
  database: values.database ?? name,
  bytes,
  onStep: (title) => console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${title}`),
});
console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  done`);
