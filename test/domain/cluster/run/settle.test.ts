import { describe, expect, it } from 'vitest';

import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { NOBODY, settleWindow, type KnownEpoch } from '../../../../domain/cluster/run/settle.ts';

const OURS = { epoch: epochOf(5), operation: 'ours', candidate: 'bravo' };
const row = (epoch: number, operation: string, node: string | null): KnownEpoch => ({ epoch: epochOf(epoch), operation, node });

describe('a window that nobody has ended', () => {
  it('goes forward when its epoch is claimed for the candidate', () => {
    expect(settleWindow([row(5, 'ours', 'bravo')], OURS)).toMatchObject({ action: 'go-forward', rule: 'claimed' });
  });

  it('is given back when its epoch was voided', () => {
    expect(settleWindow([row(5, 'ours', NOBODY)], OURS)).toMatchObject({ action: 'give-back', rule: 'not-claimed' });
  });

  it('HA1 stays down as soon as a later operation has begun, claimed or not, whoever was claimed before', () => {
    for (const node of [null, 'charlie']) for (const mine of ['bravo', NOBODY]) {
      expect(settleWindow([row(5, 'ours', mine), row(6, 'a failover', node)], OURS)).toMatchObject({ action: 'stay-down', rule: 'superseded' });
    }
  });

  it('cannot be judged as long as a claim could still be under way', () => {
    expect(() => settleWindow([row(5, 'ours', null)], OURS)).toThrow(RangeError);
  });
});
