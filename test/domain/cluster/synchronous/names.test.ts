import { describe, expect, it } from 'vitest';
import { mayAcknowledge, parseSynchronousNames, printSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { ackQuorum } from '../../../../domain/cluster/synchronous/quorum.ts';

describe('synchronous_standby_names', () => {
  it('is read in each of its forms', () => {
    expect(parseSynchronousNames(' ')).toBeNull();
    expect(parseSynchronousNames('a, b')).toEqual({ method: 'first', count: 1, names: ['a', 'b'] });
    expect(parseSynchronousNames('2 (a, b, c)')).toEqual({ method: 'first', count: 2, names: ['a', 'b', 'c'] });
    expect(parseSynchronousNames('FIRST 2 (A,"b c",\n"d""e")')).toEqual({ method: 'first', count: 2, names: ['a', 'b c', 'd"e'] });
    expect(parseSynchronousNames('any 1 (*)')).toEqual({ method: 'any', count: 1, names: ['*'] });
    expect(parseSynchronousNames('"a,b"')).toEqual({ method: 'first', count: 1, names: ['a,b'] });
  });

  it('is refused where the server would refuse it', () => {
    for (const wrong of ['a b', 'a,', ',a', 'ANY 0 (a)', 'ANY 1 ()', 'ANY 1 (a', '"a', 'a, "b",']) expect(() => parseSynchronousNames(wrong), wrong).toThrow(RangeError);
  });

  it('is printed so that it reads the same again', () => {
    for (const text of ['', 'ANY 1 (a, "b c", "d""e")', 'FIRST 2 (a, *)']) expect(parseSynchronousNames(printSynchronousNames(parseSynchronousNames(text)))).toEqual(parseSynchronousNames(text));
  });

  it('compares names without regard to case, and a star with every name', () => {
    expect(mayAcknowledge(parseSynchronousNames('Bravo')!, 'bRAVO')).toBe(true);
    expect(mayAcknowledge(parseSynchronousNames('bravo')!, 'charlie')).toBe(false);
    expect(mayAcknowledge(parseSynchronousNames('*')!, 'charlie')).toBe(true);
  });
});

describe('R + W > N', () => {
  const standbys = (...readable: readonly boolean[]) => readable.map((one, index) => ({ applicationName: 'abcde'[index]!, readable: one }));

  it('HA33 holds when the readable must include one that acknowledged', () => {
    expect(ackQuorum(parseSynchronousNames('ANY 1 (a, b)')!, standbys(true, true))).toEqual({ total: 2, openEnded: false, written: 1, readable: 2, holds: true });
    expect(ackQuorum(parseSynchronousNames('ANY 1 (a, b)')!, standbys(true, false)).holds).toBe(false);
    expect(ackQuorum(parseSynchronousNames('ANY 2 (a, b, c)')!, standbys(true, true, false)).holds).toBe(true);
    expect(ackQuorum(parseSynchronousNames('ANY 2 (a, b)')!, standbys(false, false)).holds).toBe(false);
  });

  it('HA33 does not hold with a star, which lets anybody acknowledge', () => {
    expect(ackQuorum(parseSynchronousNames('ANY 1 (*)')!, standbys(true, true))).toMatchObject({ openEnded: true, holds: false });
  });

  it('counts only names of the list, and those of the list that are no node of ours', () => {
    expect(ackQuorum(parseSynchronousNames('a')!, standbys(true, true))).toMatchObject({ total: 1, readable: 1, holds: true });
    expect(ackQuorum(parseSynchronousNames('a, stranger')!, standbys(true, true))).toMatchObject({ total: 2, readable: 1, holds: false });
  });
});
