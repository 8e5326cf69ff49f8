import { describe, expect, it } from 'vitest';

import type { ClusterNode } from '../../../domain/cluster/cluster.ts';
import { judgeRegistration, judgeRemoval, type RegistrationQuestion } from '../../../domain/cluster/registration.ts';
import { declaration, primaryServer, receiver, report, server } from './builders.ts';
import { picture } from './picture-builder.ts';

const node = (name: string, change: Partial<ClusterNode> = {}): ClusterNode => ({ ...declaration(name), host: `${name}.example`, port: 5432, dataDir: '/data', binDir: null, socketDir: null, settings: {}, wantedUpstream: null, ...change });
const NODES = [node('alfa'), node('bravo'), node('witness', { role: 'witness', machine: 'elsewhere' })];

const SYSTEM = ((): string => {
  const { control } = report('alfa', {});
  return 'ok' in control ? control.ok.systemIdentifier : '';
})();

const question = (change: Partial<RegistrationQuestion> = {}): RegistrationQuestion => ({ node: NODES[1]!, report: report('bravo', { server: { ok: server({ receiver: receiver({ senderHost: 'alfa.example', senderPort: 5432 }) }) } }), nodes: NODES, registered: [], systemIdentifier: SYSTEM, otherWritable: ['alfa'], ...change });
const rulesOf = (change: Partial<RegistrationQuestion>): string[] => judgeRegistration(question(change)).refusals.map(({ rule }) => rule);

describe('registering a node', () => {
  it('takes a standby over as a follower of the node that it receives from', () => {
    expect(judgeRegistration(question())).toMatchObject({ declaration: { name: 'bravo', role: 'standby', upstream: 'alfa' }, systemIdentifier: SYSTEM, refusals: [] });
  });

  it('takes a writable server over as the primary', () => {
    expect(judgeRegistration(question({ node: NODES[0]!, report: report('alfa', { server: { ok: primaryServer() } }), otherWritable: [] }))).toMatchObject({ declaration: { role: 'primary', upstream: null }, refusals: [] });
  });

  it('takes a witness without asking for a server', () => {
    expect(judgeRegistration(question({ node: NODES[2]!, report: null }))).toMatchObject({ declaration: { role: 'witness', upstream: null }, refusals: [], systemIdentifier: null });
  });

  it('HA15 refuses a second primary', () => {
    expect(rulesOf({ report: report('bravo', { server: { ok: primaryServer() } }) })).toEqual(['two-primaries']);
  });

  it('HA10 refuses a witness on the machine of a node with data', () => {
    expect(rulesOf({ node: node('witness', { role: 'witness', machine: NODES[0]!.machine }) })).toEqual(['witness-on-data-machine']);
  });

  it('refuses what nobody can vouch for, each with its rule', () => {
    const failed = { failed: { code: 'server_unreachable', message: 'away' } } as const;
    expect(rulesOf({ report: null })).toEqual(['agent-silent']);
    expect(rulesOf({ report: report('bravo', { server: failed }) })).toEqual(['server-away']);
    expect(rulesOf({ report: report('bravo', { server: failed, control: failed }) })).toEqual(['control-unreadable', 'server-away']);
    expect(rulesOf({ systemIdentifier: '1' })).toEqual(['other-system']);
    expect(rulesOf({ report: report('bravo', { server: { ok: server({ receiver: null }) } }) })).toEqual(['not-streaming']);
    expect(rulesOf({ report: report('bravo', { server: { ok: server({ receiver: receiver({ senderHost: 'stranger', senderPort: 5432 }) }) } }) })).toEqual(['upstream-unknown']);
    expect(rulesOf({ registered: [declaration('alfa', { applicationName: 'BRAVO' })] })).toEqual(['double-application-name']);
  });
});

describe('taking a node off', () => {
  const slots = (active: boolean) => ({ alfa: { server: { physicalSlots: [{ name: 'pgconvoy_bravo', active, walStatus: null }] } } });
  const registered = [declaration('alfa', { role: 'primary', upstream: null }), declaration('bravo', { upstream: 'alfa' }), declaration('charlie', { upstream: 'bravo' })];

  it('HA41 names the slot it leaves behind', () => {
    expect(judgeRemoval(registered[1]!, registered.slice(0, 2), picture(slots(false)))).toEqual({ refusals: [], slot: { on: 'alfa', name: 'pgconvoy_bravo' } });
  });

  it('refuses the primary, a node that others follow, and one that still streams', () => {
    const rules = (index: number, active = false): string[] => judgeRemoval(registered[index]!, registered, picture(slots(active))).refusals.map(({ rule }) => rule);
    expect(rules(0)).toEqual(['is-primary', 'has-followers']);
    expect(rules(1, true)).toEqual(['has-followers', 'still-streaming']);
    expect(rules(2)).toEqual([]);
  });
});
