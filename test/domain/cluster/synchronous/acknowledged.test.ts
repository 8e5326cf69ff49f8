import { describe, expect, it } from 'vitest';
import { acknowledgedLsn } from '../../../../domain/cluster/synchronous/acknowledged.ts';
import { parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { namesFor, type SynchronousPolicy } from '../../../../domain/cluster/synchronous/recompute.ts';
import type { WalSender } from '../../../../domain/cluster/replication-facts.ts';
import { declaration, lsnAt, sender } from '../builders.ts';

const at = (name: string, bytes: number, rest: Partial<WalSender> = {}): WalSender => sender(name, { flushLsn: lsnAt(bytes), ...rest });
const acknowledged = (names: string, ...senders: WalSender[]): string | null => acknowledgedLsn(parseSynchronousNames(names)!, senders);

describe('what was acknowledged', () => {
  it('is with ANY what so many have', () => {
    const all = [at('a', 1), at('b', 3), at('c', 2)];
    expect(acknowledged('ANY 1 (a, b, c)', ...all)).toBe('0/3');
    expect(acknowledged('ANY 2 (a, b, c)', ...all)).toBe('0/2');
    expect(acknowledged('ANY 2 (a, c)', ...all)).toBe('0/1');
  });

  it('is with FIRST what the first that stream all have', () => {
    const all = [at('c', 9), at('b', 3), at('a', 1)];
    expect(acknowledged('FIRST 1 (a, b, c)', ...all)).toBe('0/1');
    expect(acknowledged('FIRST 2 (b, c, a)', ...all)).toBe('0/3');
    expect(acknowledged('FIRST 1 (a, b, c)', at('a', 1, { state: 'catchup' }), at('b', 3))).toBe('0/3');
  });

  it('is not known while too few confirm', () => {
    expect(acknowledged('ANY 2 (a, b)', at('a', 1), at('c', 2))).toBeNull();
    expect(acknowledged('FIRST 2 (a, b)', at('a', 1), at('b', 1, { flushLsn: null }))).toBeNull();
  });
});

describe('the list of a new primary', () => {
  const NODES = [declaration('alfa'), declaration('bravo', { priority: 50 }), declaration('charlie'), declaration('late', { applyDelayMs: 5 }), declaration('eye', { role: 'witness' })];
  const ANY_1: SynchronousPolicy = { method: 'any', count: 1, strict: false };

  it('HA32 leaves out itself, the witness and the one that applies late, and prefers by priority', () => {
    expect(namesFor('alfa', NODES, ANY_1, ['bravo', 'charlie'])).toMatchObject({ rule: 'as-wanted', names: { method: 'any', count: 1, names: ['charlie', 'bravo'] } });
    expect(namesFor('bravo', NODES, ANY_1, ['alfa']).names?.names).toEqual(['alfa', 'charlie']);
  });

  it('HA31 is empty on purpose when nobody can follow, and asks for no more than can', () => {
    expect(namesFor('bravo', NODES, ANY_1, [])).toMatchObject({ rule: 'nobody-follows', names: null });
    expect(namesFor('bravo', NODES, ANY_1, ['late', 'eye'])).toMatchObject({ rule: 'nobody-follows', names: null });
    expect(namesFor('bravo', NODES, { method: 'first', count: 2, strict: false }, ['charlie'])).toMatchObject({ rule: 'fewer-than-wanted', names: { method: 'first', count: 1 } });
  });

  it('R2 keeps the count in strict mode, and lets writes wait', () => {
    for (const follow of [[], ['charlie']]) expect(namesFor('bravo', NODES, { method: 'any', count: 2, strict: true }, follow)).toMatchObject({ rule: 'strict-waits', names: { count: 2, names: ['alfa', 'charlie'] } });
    expect(namesFor('bravo', NODES, { method: 'any', count: 1, strict: true }, ['charlie']).rule).toBe('as-wanted');
  });

  it('is none in an asynchronous cluster', () => {
    expect(namesFor('bravo', NODES, null, ['alfa'])).toMatchObject({ rule: 'asynchronous', names: null });
  });
});
