/**
 * Whether the old primary can still acknowledge a write (D3). "The process is gone" is no fence and neither is "nobody reaches it"; what counts is one of
 * the proofs below, each tried and reported. Without one nothing is promoted.
 */
import type { Citation, RuleResult } from '../citation.ts';
import type { Epoch } from '../epoch.ts';
import { ageMs, isFresh, type Observation, type Reading } from '../reading.ts';
import { mayAcknowledge, type SynchronousNames } from '../synchronous/names.ts';
import { canAcknowledge } from '../synchronous/quorum.ts';

/** What the agent of the old primary reports after it was ordered to fence. */
export interface FenceReport {
  readonly epoch: Epoch;
  readonly processesLeft: number;
  readonly tombstone: boolean;
}

/** Time after which the agent of a primary that is cut off has stopped it (G8). */
export interface LeaseTerms {
  /** T1: after so long without a word of the orchestrator and without a reply of any standby it stops itself. */
  readonly selfStopMs: number;
  /** How long that stop may take at most. */
  readonly stopMs: number;
  /** For clocks that run at different speeds. */
  readonly marginMs: number;
}

/** A standby of the old primary: whether it has let go of it. */
export interface Follower {
  readonly name: string;
  readonly applicationName: string;
  /** Of its agent, asked after the order to detach: for how long it has had no receiver, on its own clock; 0 while it has one. Null when it said nothing. */
  readonly detachedForMs: Observation<number> | null;
}

export interface FenceFacts {
  readonly epoch: Epoch;
  readonly agent: FenceReport | null;
  /** A hook of the operator switched the machine off or cut its storage, in this epoch. */
  readonly poweredOff: { readonly epoch: Epoch; readonly by: string } | null;
  /** Typed by a person for this epoch. */
  readonly consent: { readonly epoch: Epoch; readonly by: string } | null;
  /** In force on the old primary when it was last heard of; null: asynchronous. */
  readonly synchronous: SynchronousNames | null;
  /** No route leads applications to the old primary any more. */
  readonly routeClosed: boolean;
  /** All standbys that the old primary may have, silent ones included. */
  readonly followers: readonly Follower[];
  /** Terms its agent confirmed; null when it runs without a lease. */
  readonly lease: LeaseTerms | null;
  /** The last time its agent may have got through to the catalog. */
  readonly lastContactAt: Reading | null;
  /** The last time anybody saw it serve; null: not since the contact. */
  readonly lastServedAt: Reading | null;
  readonly freshMs: number;
  readonly now: Reading;
}

export interface FenceAttempt extends RuleResult {
  readonly proven: boolean;
}

export interface FenceVerdict {
  readonly fenced: boolean;
  /** The first proof that holds; null for none. */
  readonly proof: string | null;
  readonly attempts: readonly FenceAttempt[];
}

export function judgeFence(facts: FenceFacts): FenceVerdict {
  const attempts = [processTree, powerOff, ackersDetached, leaseOver, consent].map((look) => look(facts));
  const proof = attempts.find(({ proven }) => proven)?.rule ?? null;
  return { fenced: proof !== null, proof, attempts };
}

const attempt = (rule: string, by: readonly Citation[], missing: readonly (string | false)[], held: string): FenceAttempt => {
  const reasons = missing.filter((one) => one !== false);
  return { rule, by, proven: reasons.length === 0, reason: reasons.length === 0 ? held : reasons.join(' ') };
};

/**
 * A dead postmaster leaves orphans that commit and acknowledge; a machine that comes back starts its server (HA4, HA5). A route that still leads there leads
 * to nothing, and then to a server that takes no writes.
 */
const processTree = ({ agent, epoch }: FenceFacts): FenceAttempt =>
  attempt('process-tree-gone', ['HA4', 'HA5', 'D3'], agent === null ? ['Its agent did not report a fence.'] : [
    agent.epoch !== epoch && `Its agent reported the fence of epoch ${agent.epoch}, not ${epoch}.`,
    agent.processesLeft > 0 && `${agent.processesLeft} processes of it are left.`,
    !agent.tombstone && 'There is no standby.signal to keep it from coming back as a primary.',
  ], 'Every process of it is gone, and it cannot come back as a primary.');

const powerOff = ({ poweredOff, epoch }: FenceFacts): FenceAttempt =>
  attempt('powered-off', ['HA1', 'D3'], [poweredOff?.epoch !== epoch && 'No fencing hook has cut it off in this epoch.'], `Cut off by ${poweredOff?.by}.`);

/** Cut off from all that could acknowledge, its commits hang. Sessions that do not wait for standbys are why the route has to be closed too (HA1). */
function ackersDetached({ synchronous, routeClosed, followers, freshMs, now }: FenceFacts): FenceAttempt {
  if (synchronous === null) return attempt('ackers-detached', ['HA1', 'D3'], ['It is asynchronous: it needs nobody to acknowledge.'], '');
  const strangers = synchronous.names.filter((name) => name !== '*' && !followers.some(({ applicationName }) => applicationName.toLowerCase() === name));
  const attached = [...followers.filter((one) => mayAcknowledge(synchronous, one.applicationName) && !hasLetGo(one, now, freshMs)).map(({ name }) => name), ...strangers];
  return attempt('ackers-detached', ['HA1', 'HA2', 'D3', 'D4'], [
    canAcknowledge(synchronous, attached.length) && `${synchronous.count} must acknowledge, and ${[...attached, ...(synchronous.names.includes('*') ? ['anybody, by the star in the list,'] : [])].join(', ')} may still be attached.`,
    !routeClosed && 'The route to it is open.',
  ], `Fewer than ${synchronous.count} standbys can be attached: no commit of it is acknowledged.`);
}

const hasLetGo = ({ detachedForMs }: Follower, now: Reading, freshMs: number): boolean => detachedForMs !== null && detachedForMs.value > 0 && isFresh(detachedForMs, now, freshMs);

/**
 * The lease is the one thing that ends by time alone. It is void when a standby may still stream from the primary, for then the primary has no reason to
 * stop (G8), and when the primary was seen to serve after it should have stopped: then nobody enforces it.
 */
function leaseOver({ lease, lastContactAt, lastServedAt, followers, freshMs, now }: FenceFacts): FenceAttempt {
  const by = ['G8', 'D3', 'HA11'] as const;
  if (lease === null || lastContactAt === null) return attempt('lease-over', by, ['Its agent holds no lease that we know of.'], '');
  const attached = followers.filter((one) => !hasLetGo(one, now, freshMs)).map(({ name }) => name);
  const needed = lease.selfStopMs + lease.stopMs + lease.marginMs;
  const waited = Math.min(ageMs(lastContactAt, now) ?? 0, ...followers.map(({ detachedForMs }) => detachedForMs?.value ?? 0));
  const alone: Reading = { clock: now.clock, ms: now.ms - waited };
  return attempt('lease-over', by, [
    attached.length > 0 && `${attached.join(', ')} may still stream from it, so it need not stop.`,
    waited < needed && `It was cut off ${Math.round(waited)} ms ago; it has surely stopped after ${needed} ms.`,
    servedTooLate(alone, lastServedAt, needed) && 'It was seen to serve after its lease should have ended.',
  ], `Cut off for ${Math.round(waited)} ms, longer than the ${needed} ms after which it has stopped itself.`);
}

/** While standbys still replied it served by right, however long nobody else had heard of it. */
const servedTooLate = (alone: Reading, served: Reading | null, needed: number): boolean => served !== null && (served.clock !== alone.clock || served.ms - alone.ms > needed);

const consent = (facts: FenceFacts): FenceAttempt =>
  attempt('consent', ['HA1', 'D2'], [facts.consent?.epoch !== facts.epoch && 'Nobody has given typed consent for this epoch.'], `${facts.consent?.by} takes the risk that it still serves.`);
