import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOf, judgeClaim, takesOrder, type PromotionClaim } from '../../../domain/cluster/epoch.ts';

const claim = (epoch: number, operation: string, node: string): PromotionClaim => ({ epoch: epochOf(epoch), operation, node });

describe('epochs', () => {
  it('are whole numbers from 1', () => {
    expect(epochOf(1)).toBe(1);
    for (const wrong of [0, -1, 1.5, Number.NaN]) expect(() => epochOf(wrong)).toThrow(RangeError);
  });

  it('refuse an order of a lower one at the agent', () => {
    expect([1, 2, 3].map((order) => takesOrder(epochOf(2), epochOf(order)))).toEqual([false, true, true]);
    expect(takesOrder(null, epochOf(1))).toBe(true);
  });
});

describe('the claim before a promotion', () => {
  it('stands when the same operation repeats it for the same node', () => {
    expect(judgeClaim([claim(2, 'one', 'bravo')], claim(2, 'one', 'bravo'))).toEqual({ verdict: 'already-yours' });
  });

  it('is refused to another operation, to another node, and after a later epoch, naming the holder', () => {
    const held = [claim(2, 'one', 'bravo')];
    expect(judgeClaim(held, claim(2, 'two', 'bravo'))).toMatchObject({ verdict: 'refused', rule: 'epoch-taken', holder: { operation: 'one' } });
    expect(judgeClaim(held, claim(2, 'one', 'charlie'))).toMatchObject({ verdict: 'refused', rule: 'epoch-taken' });
    expect(judgeClaim(held, claim(1, 'two', 'charlie'))).toMatchObject({ verdict: 'refused', rule: 'epoch-superseded', holder: { epoch: 2 } });
  });

  it('is granted once per epoch, and epochs only rise, whoever asks in whatever order', () => {
    const wish = fc.record({ epoch: fc.integer({ min: 1, max: 6 }), operation: fc.constantFrom('one', 'two', 'three'), node: fc.constantFrom('alfa', 'bravo', 'charlie') });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const granted: PromotionClaim[] = [];
        for (const { epoch, operation, node } of wishes) {
          const wanted = claim(epoch, operation, node);
          const { verdict } = judgeClaim(granted, wanted);
          if (verdict === 'granted') granted.push(wanted);
          if (verdict === 'already-yours') expect(granted).toContainEqual(wanted);
        }
        expect(granted.map(({ epoch: number }) => number)).toEqual([...new Set(granted.map(({ epoch: number }) => number))].toSorted((left, right) => left - right));
      }),
    );
  });
});
