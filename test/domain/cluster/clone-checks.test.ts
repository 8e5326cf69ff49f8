import { describe, expect, it } from 'vitest';

import { checkClone, type CloneFacts } from '../../../domain/cluster/clone/checks.ts';

const setting = (name: string, value: string, ownFile: boolean) => ({ name, value, bootValue: '100', ownFile });

const FACTS: CloneFacts = {
  node: 'n2',
  source: { name: 'n1', systemIdentifier: '7', major: 18, bytes: 1000, freeWalSenders: 2, tablespaces: [], walLogHints: false, dataChecksums: true, fullPageWrites: true, walLevel: 'replica' },
  upstream: { name: 'n1', systemIdentifier: '7', freeWalSenders: 2, slotReady: true, settings: [setting('max_connections', '300', false)] },
  loginProblems: [{ at: 'n1', problem: null }],
  major: 18,
  freeBytes: 1200,
  directory: 'free',
  replace: false,
  settings: {},
};

const broken = (change: Partial<CloneFacts>): string[] => checkClone({ ...FACTS, ...change }).filter(({ ok }) => !ok).map(({ check }) => check);

describe('what is looked at before a clone', () => {
  it('R47 holds for a server as `cluster init` makes it, and each check says what it saw', () => {
    expect(broken({})).toEqual([]);
    expect(checkClone(FACTS).every(({ reason }) => reason !== '')).toBe(true);
  });

  it.each<[string, Partial<CloneFacts>, string]>([
    ['another major', { major: 17 }, 'version'],
    ['another system', { upstream: { ...FACTS.upstream, systemIdentifier: '8' } }, 'one system'],
    ['no replication login', { loginProblems: [{ at: 'n1', problem: 'no pg_hba.conf entry' }] }, 'replication login at n1'],
    ['one walsender', { source: { ...FACTS.source, freeWalSenders: 1 } }, 'walsenders of the source'],
    ['too little room', { freeBytes: 1199 }, 'disk'],
    ['a tablespace', { source: { ...FACTS.source, tablespaces: ['/disk2'] } }, 'tablespaces'],
    ['something in the way', { directory: 'occupied' }, 'directory'],
    ['neither hints nor checksums', { source: { ...FACTS.source, dataChecksums: false } }, 'rewindable later'],
  ])('refuses %s', (_what, change, check) => {
    expect(broken(change)).toEqual([check]);
  });

  it('lets what is in the way be moved aside when that was ordered', () => {
    expect(broken({ directory: 'occupied', replace: true })).toEqual([]);
  });

  it('HA45 counts a setting of the own file, which is not copied, as the default, and the own settings before all', () => {
    const upstream = (ownFile: boolean) => ({ upstream: { ...FACTS.upstream, settings: [setting('max_connections', '300', ownFile)] } });
    expect(broken(upstream(true))).toEqual(['settings']);
    expect(broken({ ...upstream(true), settings: { max_connections: 300 } })).toEqual([]);
    expect(broken({ ...upstream(false), settings: { max_connections: 299 } })).toEqual(['settings']);
  });
});
