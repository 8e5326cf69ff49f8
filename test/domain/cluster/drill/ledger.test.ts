import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeLedger, WRITE_OUTCOMES, type WriteAttempt } from '../../../../domain/cluster/drill/ledger.ts';
import { judgeWritable } from '../../../../domain/cluster/drill/writable.ts';

const write = (seq: number, rest: Partial<WriteAttempt> = {}): WriteAttempt => ({ writer: 'w1', seq, sentMs: seq * 10, settledMs: seq * 10 + 2, outcome: 'acked', servedBy: { node: 'alfa', timeline: 1 }, ...rest });
const row = (seq: number, count = 1, writer = 'w1') => ({ writer, seq, count });

describe('the ledger of writes', () => {
  it('names every acknowledged write that is gone', () => {
    expect(judgeLedger([write(1), write(2), write(3)], [row(2)])).toMatchObject({ acked: 3, lost: [{ writer: 'w1', seq: 1 }, { writer: 'w1', seq: 3 }], addsUp: true });
  });

  it('HA30 takes a commit with a warning, a broken one and a pending one for ambiguous, and never for lost', () => {
    const ambiguous = (['warned', 'broken', 'pending'] as const).map((outcome, index) => write(index + 1, { outcome }));
    expect(judgeLedger(ambiguous, [row(2)])).toMatchObject({ ambiguous: 3, ambiguousCommitted: 1, lost: [] });
  });

  it('finds a refused write that is there', () => {
    expect(judgeLedger([write(1, { outcome: 'refused' })], [row(1)])).toMatchObject({ refused: 1, ambiguousCommitted: 1 });
    expect(judgeLedger([write(1, { outcome: 'refused' })], [])).toMatchObject({ refused: 1, ambiguousCommitted: 0 });
  });

  it('finds duplicates, in one row or in two', () => {
    expect(judgeLedger([write(1), write(2)], [row(1, 2), row(2), row(2)]).duplicates).toEqual([{ writer: 'w1', seq: 1 }, { writer: 'w1', seq: 2 }]);
  });

  it('tells writers apart', () => {
    expect(judgeLedger([write(1), write(1, { writer: 'w2' })], [row(1, 1, 'w2')]).lost).toEqual([{ writer: 'w1', seq: 1 }]);
  });

  it('does not add up with rows that nobody sent, or a number that was used twice', () => {
    expect(judgeLedger([write(1)], [row(1), row(7)])).toMatchObject({ addsUp: false, strangers: [{ writer: 'w1', seq: 7 }] });
    expect(judgeLedger([write(1), write(1)], [row(1)]).addsUp).toBe(false);
  });

  it('counts exactly what was dropped from what was acknowledged', () => {
    const attempt = fc.record({ outcome: fc.constantFrom(...WRITE_OUTCOMES), kept: fc.boolean() });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 60 }), (all) => {
        const ledger = judgeLedger(all.map(({ outcome }, seq) => write(seq, { outcome })), all.flatMap(({ kept }, seq) => (kept ? [row(seq)] : [])));
        expect(ledger.lost.map(({ seq }) => seq)).toEqual(all.flatMap(({ outcome, kept }, seq) => (outcome === 'acked' && !kept ? [seq] : [])));
        expect(ledger.acked + ledger.ambiguous + ledger.refused).toBe(ledger.sent);
        expect(ledger).toMatchObject({ addsUp: true, duplicates: [] });
      }),
    );
  });
});

describe('writable nodes', () => {
  const bravo = { node: 'bravo', timeline: 2 };

  it('are one after the other', () => {
    expect(judgeWritable([write(1), write(2), write(3, { servedBy: bravo })])).toEqual({ writableNodesMax: 1, afterTheEnd: [], exactlyOne: true });
  });

  it('HA1 are two when the old one acknowledges what was sent after the new one began', () => {
    expect(judgeWritable([write(1), write(2, { servedBy: bravo }), write(3)])).toEqual({ writableNodesMax: 2, afterTheEnd: [{ writer: 'w1', seq: 3, node: 'alfa', timeline: 1 }], exactlyOne: false });
    // Sent before, answered after: no proof of two.
    expect(judgeWritable([write(2, { servedBy: bravo }), write(1, { settledMs: 900 })]).exactlyOne).toBe(true);
  });

  it('HA15 are two when two nodes serve one timeline', () => {
    expect(judgeWritable([write(1), write(2, { servedBy: bravo }), write(3, { servedBy: { node: 'charlie', timeline: 2 } })])).toMatchObject({ writableNodesMax: 2, exactlyOne: false });
  });

  it('are not told by writes that were not acknowledged', () => {
    expect(judgeWritable([write(1), write(2, { servedBy: bravo }), write(3, { outcome: 'broken' })]).exactlyOne).toBe(true);
    expect(judgeWritable([write(1, { outcome: 'refused' })])).toMatchObject({ writableNodesMax: 0, exactlyOne: false });
  });
});
