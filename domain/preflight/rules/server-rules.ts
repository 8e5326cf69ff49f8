import type { ErrorReport } from '../../errors.ts';
import { showSeconds } from '../amounts.ts';
import type { PreflightFacts } from '../facts.ts';
import { ok, problem, sentence, unknown, whenKnown, type Outcome } from '../rule.ts';
import { settingNumber, type EndpointProof, type ServerFacts, type Settings } from '../server-facts.ts';

/** What both servers are measured by. */

/** The oldest and the newest that our questions were tried on. Logical replication is older, but 10 has no keys on partitioned tables. */
const OLDEST_MAJOR = 11;
const NEWEST_MAJOR = 18;

/**
 * Releases in which decoding re-distributes invalidations without end and fails at 1 GB of memory, when there is DDL
 * beside long transactions. https://www.postgresql.org/docs/release/17.6/ and its siblings fixed it.
 */
const FAULTY_DECODING = new Set(['13.21', '14.18', '15.13', '16.9', '17.5']);

/** The connections a copy takes on each side beside its lanes: the snapshot holder, the heartbeat, questions, pg_dump or pg_restore. */
const BESIDE_LANES = 4;

export const connectionsNeeded = (lanes: number): number => lanes + BESIDE_LANES;

export const reached = ({ version, tls }: ServerFacts): Outcome => ok(`PostgreSQL ${version} answered over ${tls ?? 'plain text'}.`);

/** A server that does not answer is a finding, not a blind spot. */
export const notReached = (report: ErrorReport): Outcome =>
  problem(`${sentence(report.message)}${report.detail === undefined ? '' : ` ${sentence(report.detail)}`}`, report.hint ?? 'Check host, port and firewall.');

export function supportedMajor({ version, major }: ServerFacts): Outcome {
  const evidence = `The server is PostgreSQL ${version}; supported are ${OLDEST_MAJOR} to ${NEWEST_MAJOR}.`;
  return major >= OLDEST_MAJOR && major <= NEWEST_MAJOR ? ok(evidence) : problem(evidence, `Use a server of major ${OLDEST_MAJOR} to ${NEWEST_MAJOR}, or a newer pgconvoy.`);
}

export const withoutKnownBug = ({ version }: ServerFacts): Outcome =>
  FAULTY_DECODING.has(version)
    ? problem(`PostgreSQL ${version} can fail with "invalid memory alloc request size" while it decodes DDL beside long transactions.`, 'Install the next minor release of the same major first.')
    : ok(`PostgreSQL ${version} has no fault in logical decoding that we know of.`);

interface Limit {
  readonly free: number;
  readonly max: number;
  readonly needed: number;
  readonly what: string;
  readonly setting: string;
}

/** Whether a pool of the server has enough left. */
export function limit({ free, max, needed, what, setting }: Limit): Outcome {
  const evidence = `${free} of ${max} ${what} are free; ${needed} are needed.`;
  const short = needed - free;
  return short <= 0 ? ok(evidence) : problem(evidence, `ALTER SYSTEM SET ${setting} = ${max + short}; and restart the server.`);
}

interface Pool {
  readonly setting: string;
  readonly used: number;
  readonly needed: number;
  readonly what: string;
}

/** Whether a pool sized by a setting has enough left. */
export function pool(settings: Settings, { setting, used, needed, what }: Pool): Outcome {
  const max = settingNumber(settings, setting);
  return max === undefined ? unknown(`The server does not show ${setting}.`) : limit({ max, free: Math.max(max - used, 0), needed, what, setting });
}

/** A time-out of replication of at least 10 s; below, a busy target looks dead. */
export function patience(settings: Settings, name: string): Outcome {
  const milliseconds = settingNumber(settings, name);
  if (milliseconds === undefined) return unknown(`The server does not show ${name}.`);
  const evidence = milliseconds === 0 ? `${name} is off.` : `${name} is ${showSeconds(milliseconds / 1000)}.`;
  return milliseconds === 0 || milliseconds >= 10_000 ? ok(evidence) : problem(evidence, `ALTER SYSTEM SET ${name} = '60s'; SELECT pg_reload_conf();`);
}

/** pg_dump locks every relation in one transaction, CREATE SUBSCRIPTION every table that is published; the table has this many places for all sessions together. */
export function lockTable({ source, target }: PreflightFacts, side: 'source' | 'target'): Outcome {
  return whenKnown([source.objects, side === 'source' ? source.settings : target.settings], ({ relations }, settings) => {
    const value = (name: string): number => Number(settings[name]?.value ?? 0);
    const places = value('max_locks_per_transaction') * (value('max_connections') + value('max_prepared_transactions'));
    const evidence = `${relations} relations are to be locked; the lock table of the ${side} has ${places} places.`;
    if (relations < places) return ok(evidence);
    const wanted = Math.ceil(relations / Math.max(value('max_connections'), 1)) * 2;
    return problem(evidence, `ALTER SYSTEM SET max_locks_per_transaction = ${wanted}; and restart the ${side}.`);
  });
}

/** Whether all connections ended at one postmaster: a standby has the primary's identifier but another start (F44). */
export function sameInstance({ instances }: EndpointProof): Outcome {
  const distinct = new Set(instances.map((instance) => `${instance.systemIdentifier} started ${instance.startedAt}`));
  if (distinct.size === 1) return ok(`${instances.length} connections reached the instance ${[...distinct][0]}.`);
  return problem(
    `${instances.length} connections reached ${distinct.size} instances: ${[...distinct].join('; ')}.`,
    'Give the inventory the address of the primary itself, not of a load balancer or reader endpoint.',
  );
}

export const noPooler = ({ sessionKept }: EndpointProof): Outcome =>
  sessionKept
    ? ok('Session state survived while another connection was in a transaction.')
    : problem('Session state was lost between two statements, as a pooler in transaction mode does.', 'Give the inventory the address of the server itself, past the pooler.');
