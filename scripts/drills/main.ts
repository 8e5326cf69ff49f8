/** `npm run drills`: random faults in a cluster of three, one after the other, each judged by the writers' own record. */
import { parseArgs } from 'node:util';

import { printError } from '../../cli/print-error.ts';
import { version } from '../../cli/program.ts';
import { EXIT_CODES } from '../../domain/errors.ts';
import type { ProbeReport } from '../../domain/cluster/drill/probe-report.ts';
import { openBenchWorld } from '../bench/cluster/bench-world.ts';
import type { ClusterWorld } from '../cluster-world/cluster-world.ts';
import { moreAcks, waitFor, waitUntilOther, waitUntilWhole } from '../cluster-world/world-waits.ts';
import { makeRandomFault, RANDOM_FAULTS, type RandomFault, seeded } from './faults.ts';

const USAGE = `npm run drills [-- options]

Random faults of the primary under writers, half of them with synchronous replication and half without. What has to hold: exactly one node takes
writes in every epoch; no acknowledged write is lost with synchronous replication; every one that is lost without is named; the cluster becomes whole.

  --faults <n>    how many (default 100)
  --seed <n>      of the random choice (default: the time, which is printed)
  --rate <n>      writes per second (default 200)
  --json          one JSON object on stdout
  --help          print this`;

interface FaultResult {
  readonly fault: RandomFault;
  readonly synchronous: boolean;
  readonly node: string;
  readonly writeGapMs: number;
  readonly lost: readonly string[];
  readonly ambiguous: number;
  readonly writableNodesMax: number;
  readonly addsUp: boolean;
  readonly whole: boolean;
}

const AROUND = 200;
const LASTS_MS = { least: 1000, more: 6000 };

async function holdOne(world: ClusterWorld, fault: RandomFault, wish: { readonly synchronous: boolean; readonly rate: number; readonly forMs: number }): Promise<FaultResult> {
  const node = await waitUntilWhole(world);
  const probe = await world.writers({ writers: 8, rate: wish.rate });
  await moreAcks(probe, AROUND);
  const undo = await makeRandomFault(world, node, fault, wish.forMs);
  const undone = undo();
  const answered = waitFor(() => probe.status().node !== null && probe.status().silentMs < 500 && probe.status().acked > 0);
  await Promise.all([undone, answered]);
  // A fault that was over before anybody acted leaves the primary where it was.
  const whole = (await waitUntilOther(world, node)) || (await waitUntilWhole(world).then(() => true, () => false));
  await moreAcks(probe, AROUND);
  return resultOf((await probe.stop()).report, { fault, node, synchronous: wish.synchronous, whole });
}

const resultOf = ({ ledger, writes, writable }: ProbeReport, rest: Pick<FaultResult, 'fault' | 'node' | 'synchronous' | 'whole'>): FaultResult => ({
  ...rest, writeGapMs: Math.round(writes.max), lost: ledger.lost.map(({ writer, seq }) => `${writer}#${seq}`), ambiguous: ledger.ambiguous, writableNodesMax: writable.writableNodesMax, addsUp: ledger.addsUp && ledger.duplicates.length === 0,
});

const isGood = ({ synchronous, lost, writableNodesMax, addsUp, whole }: FaultResult): boolean => writableNodesMax === 1 && addsUp && whole && (!synchronous || lost.length === 0);

async function main(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...words], options: { faults: { type: 'string', default: '100' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) }, rate: { type: 'string', default: '200' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const [random, faults] = [seeded(Number(values.seed)), Number(values.faults)];
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`${faults} faults, seed ${values.seed}`);
  const results: FaultResult[] = [];
  for (const synchronous of [true, false]) {
    await using world = await openBenchWorld({ network: 'namespaces', synchronous });
    for (let left = synchronous ? Math.ceil(faults / 2) : Math.floor(faults / 2); left > 0; left -= 1) {
      const fault = RANDOM_FAULTS[Math.floor(random() * RANDOM_FAULTS.length)]!;
      const result = await holdOne(world, fault, { synchronous, rate: Number(values.rate), forMs: LASTS_MS.least + random() * LASTS_MS.more });
      results.push(result);
      say(`${isGood(result) ? '✓' : '✗'} ${results.length} ${synchronous ? 'sync ' : 'async'} ${fault} on ${result.node}: ${result.writeGapMs} ms without a write, ${result.lost.length === 0 ? 'none lost' : `lost ${result.lost.join(' ')}`}, ${result.ambiguous} ambiguous, ${result.writableNodesMax} writable${result.whole ? '' : ', NOT whole again'}`);
    }
  }
  const bad = results.filter((result) => !isGood(result));
  const report = { seed: Number(values.seed), faults: results.length, bad: bad.length, lostSynchronous: count(results, true), lostAsynchronous: count(results, false), writableNodesMax: Math.max(0, ...results.map(({ writableNodesMax }) => writableNodesMax)), results };
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${report.faults} faults, ${report.bad} not as they should be; lost: ${report.lostSynchronous} with, ${report.lostAsynchronous} without synchronous replication; at most ${report.writableNodesMax} writable node.\n`);
  return bad.length === 0 ? 0 : EXIT_CODES.verification;
}

const count = (results: readonly FaultResult[], synchronous: boolean): number => results.filter((result) => result.synchronous === synchronous).reduce((sum, { lost }) => sum + lost.length, 0);

const words = process.argv.slice(2);
try {
  process.exitCode = await main(words);
} catch (error) {
  process.exitCode = printError(error, { words: ['drills', ...words], version: version(), json: words.includes('--json') });
}
