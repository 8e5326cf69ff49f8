import { describe, expect, it } from 'vitest';

import { siblingsToMove } from '../../../../domain/cluster/switchover/siblings.ts';
import { parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { declaration } from '../builders.ts';

const candidate = declaration('bravo');
const siblings = [declaration('charlie', { priority: 90 }), declaration('delta', { priority: 50 })];
const moved = (names: string): string[] => siblingsToMove({ candidate, siblings, names: parseSynchronousNames(names) }).map(({ name }) => name);

describe('standbys that are led under the candidate before the window', () => {
  it('are all of them in an asynchronous cluster', () => expect(moved('')).toEqual(['charlie', 'delta']));

  it('HA31 are only those that no commit waits for', () => {
    expect(moved('ANY 1 (bravo, charlie, delta)')).toEqual(['charlie', 'delta']);
    expect(moved('ANY 2 (bravo, charlie, delta)')).toEqual(['delta']);
    expect(moved('ANY 3 (bravo, charlie, delta)')).toEqual([]);
    expect(moved('FIRST 1 (charlie)')).toEqual(['delta']);
    expect(moved('ANY 2 (*)')).toEqual(['delta']);
  });
});
