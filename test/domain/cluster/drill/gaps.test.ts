import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureGaps, percentile } from '../../../../domain/cluster/drill/gaps.ts';

const at = (who: string, ...times: readonly number[]) => times.map((ms) => ({ who, ms }));
const SPAN = { fromMs: 0, toMs: 100 };

describe('gaps', () => {
  it('are the longest time between two successes of one writer', () => {
    expect(measureGaps(['w1', 'w2'], [...at('w1', 10, 20, 90, 95), ...at('w2', 5, 30, 50, 80)], SPAN)).toEqual({ longestMs: { w1: 70, w2: 30 }, p50: 30, p95: 70, max: 70, overallMs: 30 });
  });

  it('reach from the beginning and to the end of the probe', () => {
    expect(measureGaps(['w1'], at('w1', 60), SPAN).max).toBe(60);
    expect(measureGaps(['w1'], at('w1', 30), SPAN).max).toBe(70);
    expect(measureGaps(['w1', 'w2'], at('w1', 50), SPAN).longestMs).toEqual({ w1: 50, w2: 100 });
  });

  it('do not depend on the order of the record, and all of them fit in the span', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (times) => {
        const { max } = measureGaps(['w1'], at('w1', ...times), SPAN);
        expect(measureGaps(['w1'], at('w1', ...times.toReversed()), SPAN).max).toBe(max);
        // No stretch without a success is longer.
        expect(times.every((ms) => [...times, 100].some((next) => next > ms && next - ms <= max) || ms === 100)).toBe(true);
        expect(max).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('have percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([50, 95, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 95, 100]);
    expect(percentile([7], 50)).toBe(7);
    expect(percentile([], 95)).toBe(0);
  });
});
