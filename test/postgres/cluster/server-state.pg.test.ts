import { describe, expect, it } from 'vitest';

import { connect } from '../../../postgres/connection.ts';
import { readControl } from '../../../postgres/cluster/control.ts';
import { provokeReplies, readReplies } from '../../../postgres/cluster/replies.ts';
import { readServerState } from '../../../postgres/cluster/server-state.ts';
import { testServer } from '../../support/postgres.ts';

describe.each([11, 15, 18])('a server of %i', (major) => {
  it('says in one round trip what it is', async () => {
    await using session = await connect(await testServer(major), { purpose: 'test' });
    const slot = `pgconvoy_state_${process.pid}`;
    await session.execute(`SELECT pg_create_physical_replication_slot('${slot}', true)`);
    try {
      const state = await readServerState(session);
      expect(state).toMatchObject({ major, inRecovery: false, timeline: 1, receiveLsn: null, replayLsn: null, replayPaused: false, receiver: null, archiverFailing: false, settings: { wal_level: { value: 'logical', unit: null }, wal_sender_timeout: { unit: 'ms' } } });
      expect(state.version).toMatch(new RegExp(`^${major}\\.\\d+$`));
      expect(state.writeLsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
      expect(state.physicalSlots).toContainEqual({ name: slot, active: false, walStatus: major >= 13 ? 'reserved' : null });
    } finally {
      await session.execute(`SELECT pg_drop_replication_slot('${slot}')`);
    }
  });

  it('shows its pg_control, and takes the few bytes that provoke replies', async () => {
    await using session = await connect(await testServer(major), { purpose: 'test' });
    const [{ id }] = (await session.rows<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')) as [{ id: string }];
    expect(await readControl(session)).toMatchObject({ systemIdentifier: id, state: 'in production', timeline: 1, walLogHints: false });
    await provokeReplies(session);
    expect(await readReplies(session)).toEqual(new Map());
  });
});
