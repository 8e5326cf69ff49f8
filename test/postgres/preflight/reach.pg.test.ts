import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { connect } from '../../../postgres/connection.ts';
import { dialFromTarget } from '../../../postgres/preflight/reach.ts';
import { privateServer } from '../../support/cluster.ts';
import { testServer } from '../../support/postgres.ts';

describe.each([11, 18])('the dial from a target of PostgreSQL %i', (major) => {
  it('F65 leaves the password out of the log, even where every statement is logged', async () => {
    await using target = await privateServer(major, { settings: { log_statement: 'all', log_min_duration_statement: 0 } });
    await using session = await connect(target.server, { purpose: 'test' });
    const source = await testServer(15);
    const dial = (port: number) =>
      dialFromTarget(session, {
        conninfo: `host=${source.host} port=${port} user=${source.user} dbname=postgres password=${source.password!.reveal()} options='-c pgconvoy.mark=hush'`,
        address: 'source',
        timeoutMs: 60_000,
      });
    expect(await dial(source.port)).toMatchObject({ outcome: 'reached' });
    expect(await dial(1)).toMatchObject({ outcome: 'refused' });
    const log = readFileSync(target.cluster.logFile, 'utf8');
    expect(log).toContain('log_statement');
    expect(log).not.toContain(source.password!.reveal());
    expect(log).not.toContain('hush');
  });

  it('leaves neither subscription nor function nor origin', async () => {
    const target = await testServer(major);
    const source = await testServer(15);
    await using session = await connect(target, { purpose: 'test' });
    const conninfo = `host=${source.host} port=${source.port} user=${source.user} dbname=postgres password=${source.password!.reveal()}`;
    await dialFromTarget(session, { conninfo, address: 'source', timeoutMs: 60_000 });
    expect(await session.rows("SELECT subname FROM pg_catalog.pg_subscription WHERE subname = 'pgconvoy_dial' UNION ALL SELECT proname FROM pg_catalog.pg_proc WHERE proname = 'pgconvoy_dial'")).toEqual([]);
  });
});
