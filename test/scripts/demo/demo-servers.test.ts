import { expect, it } from 'vitest';

import type { PostgresInstallation } from '../../../programs/postgres-installations.ts';
import { chooseVersions } from '../../../scripts/demo/demo-servers.ts';

const server = (major: number): PostgresInstallation => ({ major, version: `${major}.1`, binDir: `/pg/${major}`, programs: ['postgres', 'initdb', 'pg_ctl'] });
const clients = (major: number): PostgresInstallation => ({ ...server(major), programs: ['pg_dump', 'psql'] });
const FOUND = [server(15), server(10), server(13), clients(9), server(18), clients(19)];
const majors = (wanted: { from?: number; to?: number }): [number, number] => {
  const { from, to } = chooseVersions(FOUND, { from: wanted.from, to: wanted.to });
  return [from.major, to.major];
};

it('migrates from the oldest server that can hold the shop to the newest', () => {
  expect(majors({})).toEqual([13, 18]);
  expect(majors({ from: 15 })).toEqual([15, 18]);
  expect(majors({ to: 15 })).toEqual([13, 15]);
});

it('says why not from one that is too old, not installed, or newer than the target', () => {
  expect(() => majors({ from: 10 })).toThrow(/needs PostgreSQL 11 or newer, not 10/);
  expect(() => majors({ from: 12 })).toThrow(/PostgreSQL server 12 is not installed/);
  expect(() => majors({ from: 18, to: 15 })).toThrow(/from PostgreSQL 18 down to 15/);
  expect(() => chooseVersions([server(10)], { from: undefined, to: undefined })).toThrow(/PostgreSQL server 18 is not installed/);
});
