import { OperationError } from '../../domain/errors.ts';
import type { Reach } from '../../domain/preflight/facts.ts';
import type { Session } from '../connection.ts';
import { SQLSTATE } from '../sqlstate.ts';

interface Dial {
  /** With the password. */
  readonly conninfo: string;
  /** Without, for people. */
  readonly address: string;
  readonly timeoutMs: number;
}

/**
 * Lets the target itself dial the source, the way a subscription does, in a transaction that is rolled back.
 *
 * The secret must not reach the target's log. A failed statement is logged with its text, and a warning ("publication does
 * not exist") with the text of the statement that a DO block executed. So the connection string comes as a bound value, is
 * written into a temporary function, whose body no log quotes, and errors are caught inside. Tried on 11, 15 and 18. Bound
 * values are logged too where the server logs every statement; a superuser switches that off for the transaction.
 *
 * Error: `privilege_missing` when our role may not make subscriptions, so that nothing is known.
 */
export async function dialFromTarget(target: Session, { conninfo, address, timeoutMs }: Dial): Promise<Reach> {
  const began = performance.now();
  await target.execute('BEGIN');
  try {
    await target.execute(`SET LOCAL statement_timeout = ${timeoutMs}`);
    await target.rows(QUIET);
    await target.rows("SELECT pg_catalog.set_config('pgconvoy.conninfo', $1, true) IS NOT NULL AS done", [conninfo]);
    await target.execute(DIAL);
    const { state, reason } = await target.row<{ state: string; reason: string }>(
      "SELECT pg_catalog.current_setting('pgconvoy.state') AS state, pg_catalog.current_setting('pgconvoy.reason') AS reason",
    );
    return verdict({ state, reason, address, seconds: (performance.now() - began) / 1000 });
  } finally {
    await target.execute('ROLLBACK');
  }
}

const QUIET = `
  SELECT pg_catalog.set_config('log_statement', 'none', true), pg_catalog.set_config('log_min_duration_statement', '-1', true)
    FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper`;

/** `query_canceled` is named because OTHERS leaves it out, and what is not caught is logged. */
const DIAL = `
DO $dial$
DECLARE state text := ''; reason text := '';
BEGIN
  EXECUTE format('CREATE FUNCTION pg_temp.pgconvoy_dial() RETURNS void LANGUAGE sql AS %L', format(
    'CREATE SUBSCRIPTION pgconvoy_dial CONNECTION %L PUBLICATION pgconvoy_dial WITH (connect = true, create_slot = false, enabled = false, copy_data = false, slot_name = NONE)',
    current_setting('pgconvoy.conninfo')));
  PERFORM pg_temp.pgconvoy_dial();
  PERFORM set_config('pgconvoy.state', state, true), set_config('pgconvoy.reason', reason, true);
EXCEPTION WHEN query_canceled OR others THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, reason = MESSAGE_TEXT;
  PERFORM set_config('pgconvoy.state', state, true), set_config('pgconvoy.reason', reason, true);
END $dial$`;

/** A superuser's subscription needs no password; another role's does, and the source must have asked for it. */
const PASSWORD_REQUIRED = '2F003';

function verdict({ state, reason, address, seconds }: { state: string; reason: string; address: string; seconds: number }): Reach {
  if (state === '') return { outcome: 'reached', address, seconds };
  if (state === SQLSTATE.insufficientPrivilege) {
    throw new OperationError('privilege_missing', 'our role may not try a subscription on the target', { detail: reason, hint: 'GRANT pg_create_subscription to our role, and CREATE and TEMPORARY on the database.' });
  }
  if (state === PASSWORD_REQUIRED) return { outcome: 'refused', address, reason: `${reason}: a role that is not superuser may only subscribe where the source asks for a password` };
  const oneLine = reason.replaceAll(/\s+/g, ' ').trim();
  return { outcome: 'refused', address, reason: state === SQLSTATE.queryCanceled ? `no answer in ${Math.round(seconds)} s` : oneLine };
}
