import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';

export interface SubscriptionOrder {
  readonly name: string;
  readonly publications: readonly string[];
  readonly slot: string;
  /** How the target dials the source; holds the password, as subscriptions do. */
  readonly conninfo: string;
}

/**
 * Attaches a native subscription to the slot that the copy began with: it takes up exactly where the snapshot ended.
 *
 * The apply worker does not wait for the disk (one flush for each transaction of a busy application would be more than it could
 * ever catch up with): a crash of the target loses what the slot then sends again. {@link flushApplied} ends that at the cutover.
 */
export async function ensureSubscription(session: Session, order: SubscriptionOrder): Promise<void> {
  if ((await readSubscription(session, order.name)) !== undefined) return;
  const publications = order.publications.map(quoteIdent).join(', ');
  await session.execute(
    `CREATE SUBSCRIPTION ${quoteIdent(order.name)} CONNECTION ${quoteLiteral(order.conninfo)} PUBLICATION ${publications}
     WITH (create_slot = false, slot_name = ${quoteLiteral(order.slot)}, copy_data = false, synchronous_commit = 'off'${(await hasForcedPolicies(session)) ? ', run_as_owner = true' : ''})`,
  );
}

/**
 * From 16 on the apply worker writes as the owner of each table, and stops at a table whose policies are FORCEd on its owner (F34).
 * As the owner of the subscription, our role, which is to have BYPASSRLS, it writes there too, as it did before 16.
 */
async function hasForcedPolicies(session: Session): Promise<boolean> {
  if (session.major < 16) return false;
  const sql = `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
                WHERE c.relrowsecurity AND c.relforcerowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls) AS forced`;
  return (await session.row<{ forced: boolean }>(sql)).forced;
}

/**
 * Puts everything on the target's disk that is visible there: from the switch on no slot would send it again. A commit that
 * waits for the disk takes all that was written before it along, and a message is the smallest thing to commit.
 */
export async function flushApplied(session: Session): Promise<void> {
  await session.transaction(async () => {
    await session.execute('SET LOCAL synchronous_commit = local');
    await session.execute(`SELECT pg_catalog.pg_logical_emit_message(true, 'pgconvoy', 'drained')`);
  });
}

export interface SubscriptionState {
  readonly enabled: boolean;
  /** Whether the apply worker runs. */
  readonly running: boolean;
  readonly receivedLsn: string | null;
  /** Tables that are not yet followed. */
  readonly notReady: number;
}

/** The state of a subscription of the session's database, or undefined. */
export async function readSubscription(session: Session, name: string): Promise<SubscriptionState | undefined> {
  return await session.maybeRow<SubscriptionState>(
    `SELECT s.subenabled AS enabled, coalesce(w.pid IS NOT NULL, false) AS running, w.received_lsn::text AS "receivedLsn",
            (SELECT count(*)::int FROM pg_catalog.pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate <> 'r') AS "notReady"
       FROM pg_catalog.pg_subscription s
       LEFT JOIN pg_catalog.pg_stat_subscription w ON w.subid = s.oid AND w.relid IS NULL ${session.major >= 17 ? `AND w.worker_type = 'apply'` : ''}
      WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      LIMIT 1`,
    [name],
  );
}

/** Drops the subscriptions of a run without asking the source, whose slots are dropped on their own; fine if there is none. */
export async function dropSubscriptions(session: Session, prefix: string): Promise<void> {
  const rows = await session.rows<{ name: string }>(
    `SELECT subname AS name FROM pg_catalog.pg_subscription
      WHERE left(subname, length($1)) = $1 AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`,
    [prefix],
  );
  for (const { name } of rows) {
    const subscription = quoteIdent(name);
    await session.execute(`ALTER SUBSCRIPTION ${subscription} DISABLE`);
    await session.execute(`ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
    await session.execute(`DROP SUBSCRIPTION ${subscription}`);
  }
}
