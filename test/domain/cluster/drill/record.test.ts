import { describe, expect, it } from 'vitest';

import { ProbeCounter } from '../../../../domain/cluster/drill/probe-counter.ts';
import { reportProbe } from '../../../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type RecordLine } from '../../../../domain/cluster/drill/record.ts';

const header: RecordLine = ['H', { version: 1, run: 'r1', startedAt: '2026-11-30T00:00:00.000Z', hosts: ['a:1'], writers: ['w1', 'w2'], readers: ['r1'], rate: 100 }];
const lines: readonly RecordLine[] = [
  header,
  ['G', 10],
  ['S', 'w1', 1, 11], ['S', 'w2', 1, 12], ['A', 'w1', 1, 13, 'a:1', 1], ['W', 'w2', 1, 14, 'a:1', 1],
  ['S', 'w1', 2, 20], ['B', 'w1', 2, 25, 'timed-out'], ['D', 'w1', 26, 'ECONNREFUSED'],
  ['r', 'r1', 15, 16, null], ['r', 'r1', 30, 31, 'ECONNRESET'],
  ['S', 'w2', 2, 40], ['R', 'w2', 2, 41, '25006'], ['S', 'w1', 3, 90], ['A', 'w1', 3, 95, 'b:1', 2], ['S', 'w2', 3, 99],
];
const text = (all: readonly RecordLine[]): string => all.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('the record of a probe', () => {
  it('gives every attempt its outcome; what was begun and not settled is pending', () => {
    const record = parseRecord(text([...lines, ['E', 100]]));
    expect(record.attempts.map(({ writer, seq, outcome }) => `${writer}#${seq} ${outcome}`)).toEqual(['w1#1 acked', 'w2#1 warned', 'w1#2 broken', 'w2#2 refused', 'w1#3 acked', 'w2#3 pending']);
    expect(record).toMatchObject({ span: { fromMs: 10, toMs: 100 }, ended: true, dials: [{ who: 'w1', code: 'ECONNREFUSED' }] });
  });

  it('of a probe that was killed ends with its last whole line', () => {
    const whole = text(lines);
    expect(parseRecord(`${whole}["A","w2",3,12`)).toMatchObject({ ended: false, span: { toMs: 99 } });
    expect(() => parseRecord('hello\n')).toThrow(/JSON/);
    expect(() => parseRecord('["S","w1",1,1]\n')).toThrow(/not the record/);
    expect(() => parseRecord(text([...lines, header]))).toThrow(/two records/);
  });

  it('does not add up when a number was used twice', () => {
    const record = parseRecord(text([...lines, ['S', 'w1', 1, 99]]));
    expect(reportProbe(record, []).ledger.addsUp).toBe(false);
  });

  it('is reported in numbers', () => {
    const found = [{ writer: 'w1', seq: 1, count: 1 }, { writer: 'w2', seq: 1, count: 1 }];
    expect(reportProbe(parseRecord(text([...lines, ['E', 100]])), found)).toMatchObject({
      ledger: { sent: 6, acked: 2, ambiguous: 3, refused: 1, lost: [{ writer: 'w1', seq: 3 }], ambiguousCommitted: 1, addsUp: true },
      writes: { longestMs: { w1: 82, w2: 90 }, overallMs: 82 }, reads: { max: 84 }, clientErrors: 4, failedDials: 1,
      codes: { warning: 1, 'timed-out': 1, '25006': 1, ECONNREFUSED: 1, ECONNRESET: 1 },
      served: [{ node: 'a:1', timeline: 1, acked: 1 }, { node: 'b:1', timeline: 2, acked: 1 }],
    });
  });

  it('is counted as it comes', () => {
    const counter = new ProbeCounter();
    counter.count(lines.slice(0, 9));
    expect(counter.now()).toEqual({ begun: true, atMs: 26, acked: 1, errors: 3, silentMs: 13, longestSilenceMs: 13, timeline: 1, node: 'a:1' });
    counter.count(lines.slice(9));
    expect(counter.now()).toMatchObject({ acked: 2, errors: 4, silentMs: 4, longestSilenceMs: 82, timeline: 2, node: 'b:1' });
  });
});
