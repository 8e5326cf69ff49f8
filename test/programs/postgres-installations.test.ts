import { describe, expect, it } from 'vitest';
import { pickClients, pickServer, type PostgresInstallation } from '../../programs/postgres-installations.ts';

const SERVER = ['postgres', 'initdb', 'pg_ctl'] as const;
const CLIENTS = ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql'] as const;

const found: PostgresInstallation[] = [
  { major: 18, version: '18.4', binDir: '/tools/18', programs: SERVER },
  { major: 15, version: '15.18', binDir: '/usr/15', programs: [...SERVER, ...CLIENTS] },
  { major: 18, version: '18.4', binDir: '/tools/clients', programs: CLIENTS },
  { major: 18, version: '18.1', binDir: '/later/18', programs: [...SERVER, ...CLIENTS] },
];

describe('picking PostgreSQL programs', () => {
  it('takes the server of the asked major that was found first, and says why', () => {
    const { installation, reason } = pickServer(found, 18);
    expect(installation.binDir).toBe('/tools/18');
    expect(reason).toContain('/tools/18');
  });

  it('takes the newest clients that are complete', () => {
    expect(pickClients(found, 15).installation.binDir).toBe('/tools/clients');
  });

  it('says what was found when the asked one is not there', () => {
    expect(() => pickServer(found, 12)).toThrow(expect.objectContaining({ code: 'program_missing', detail: expect.stringContaining('15.18') }));
    expect(() => pickClients(found, 19)).toThrow(expect.objectContaining({ code: 'program_missing' }));
    expect(() => pickClients([], 18)).toThrow(expect.objectContaining({ detail: expect.stringContaining('none') }));
  });
});
