import { writeRoute } from './route.ts';

/**
 * node scripts/demo/route-hook.ts <route file>
 *
 * The demo's route switch, called by the migration inside the write pause: points the application at the server that
 * PGCONVOY_TARGET_HOST, _PORT and _DATABASE name. Imports as little as possible, because the writers wait for it.
 */
const { PGCONVOY_TARGET_HOST: host, PGCONVOY_TARGET_PORT: port, PGCONVOY_TARGET_DATABASE: database } = process.env;
const [file] = process.argv.slice(2);

if (file === undefined || !host || !port || !database) {
  console.error('usage: PGCONVOY_TARGET_HOST=… PGCONVOY_TARGET_PORT=… PGCONVOY_TARGET_DATABASE=… node route-hook.ts <route file>');
  process.exit(2);
}
await writeRoute(file, { host, port: Number(port), database });
