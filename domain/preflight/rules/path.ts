import { showBytes, showSeconds } from '../amounts.ts';
import { estimateCopySeconds } from './estimate.ts';
import type { LinkFacts } from '../facts.ts';
import { BOTH, ONLINE, ok, problem, unknown, whenKnown, type Outcome, type Rule } from '../rule.ts';

/** Above this every small step of the cutover is felt. */
const FAR_SECONDS = 0.1;

/** What lies between us, the source and the target. */
export const pathRules: readonly Rule[] = [
  {
    id: 'target-reaches-source',
    title: 'The target can dial the source',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F60'],
    decide: ({ path, request }) =>
      whenKnown([path.targetReachesSource], (reach) =>
        reach.outcome === 'reached'
          ? ok(`The target logged in to ${reach.address} for replication in ${showSeconds(reach.seconds)}.`)
          : problem(
              `The target could not log in to ${reach.address}: ${reach.reason}.`,
              `Open the way (firewall, listen_addresses, a line in pg_hba.conf of the source with a password method for the target's address), or set servers.${request.source.server}.reachedFromTarget.`,
            ),
      ),
  },
  {
    id: 'client-tools',
    title: 'pg_dump is as new as both servers',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F37'],
    decide: ({ source, target, request }) =>
      whenKnown([source.server, target.server], (from, to) => {
        if (request.clientMajor === undefined) return unknown('No pg_dump was found.', 'Run `npm run setup`.');
        const newest = Math.max(from.major, to.major);
        const evidence = `pg_dump is of major ${request.clientMajor}; the newest server is ${newest}.`;
        return request.clientMajor >= newest ? ok(evidence) : problem(evidence, `Run \`npm run setup\`, or install postgresql-client-${newest}.`);
      }),
  },
  {
    id: 'source-link',
    title: 'The source is near',
    severity: 'information',
    modes: BOTH,
    answers: [],
    decide: ({ path }) => whenKnown([path.source], near),
  },
  {
    id: 'target-link',
    title: 'The target is near',
    severity: 'information',
    modes: BOTH,
    answers: [],
    decide: ({ path }) => whenKnown([path.target], near),
  },
  {
    id: 'copy-time',
    title: 'The copy takes less than a day',
    severity: 'warning',
    modes: BOTH,
    answers: ['F45'],
    decide: ({ source, path }) =>
      whenKnown([source.database, path.source, path.target], ({ bytes }) => {
        const seconds = estimateCopySeconds(path, bytes);
        const evidence = `${showBytes(bytes)} take at least ${showSeconds(seconds)} over the measured ways.`;
        return seconds < DAY_SECONDS ? ok(evidence) : problem(evidence, 'Run the worker nearer to the servers; the snapshot holds vacuum back all that time.');
      }),
  },
];

const DAY_SECONDS = 86_400;

function near({ roundTripSeconds, bytesPerSecond }: LinkFacts): Outcome {
  const evidence = `A round trip takes ${(roundTripSeconds * 1000).toFixed(1)} ms, and one connection moves ${showBytes(bytesPerSecond)}/s.`;
  return roundTripSeconds < FAR_SECONDS ? ok(evidence) : problem(evidence, 'Run the worker nearer to the server.');
}
