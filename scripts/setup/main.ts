/** Installs what is missing: `npm run setup [-- --postgres 12,14]`. Everything it says goes to stderr. */
import { parseArgs } from 'node:util';
import { installChromium } from './chromium.ts';
import { lendTlsToClients } from './client-tls.ts';
import { installIproute } from './iproute.ts';
import { installPgBouncer } from './pgbouncer.ts';
import { DEFAULT_MAJORS, POSTGRES_SERVERS } from './pinned.ts';
import { installPostgresClients } from './postgres-clients.ts';
import { installPostgresServer } from './postgres-server.ts';
import { say } from './say.ts';
import { SetupProblem } from './setup-problem.ts';
import { installTemporalServer } from './temporal-server.ts';

function wantedMajors(list: string | undefined): readonly number[] {
  if (list === undefined) return DEFAULT_MAJORS;
  const majors = list.split(',').map(Number);
  const known = Object.keys(POSTGRES_SERVERS).join(', ');
  for (const major of majors) {
    if (!POSTGRES_SERVERS[major]) throw new RangeError(`--postgres takes a list of ${known}, such as 12,14`);
  }
  return [...new Set([...DEFAULT_MAJORS, ...majors])];
}

const { values } = parseArgs({ options: { postgres: { type: 'string' } } });
const steps = [
  ...wantedMajors(values.postgres).map((major) => () => installPostgresServer(major)),
  installPostgresClients,
  () => lendTlsToClients(),
  installTemporalServer,
];

// Without these only the tests that need them are skipped, which they say.
const extras = [installPgBouncer, installChromium, installIproute];

// One missing piece does not keep the others from being installed: the user learns of all of them at once.
for (const step of [...steps, ...extras]) {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    say(`MISSING: ${error.message}\n  needed because: ${error.neededFor}\n  to install it:  ${error.command}`);
    if (!extras.includes(step)) process.exitCode = 1;
  }
}
