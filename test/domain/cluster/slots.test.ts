import { describe, expect, it } from 'vitest';
import { plannedSlots, reconcileSlots, slotNameOf } from '../../../domain/cluster/slots.ts';
import { declaration } from './builders.ts';

const slot = (name: string, active = false, walStatus = 'reserved') => ({ name, active, walStatus });

describe('physical slots', () => {
  it('are named as the server allows it', () => {
    expect(slotNameOf('Shop-DB.2')).toBe('pgconvoy_shop_db_2');
    expect(slotNameOf('x'.repeat(99))).toHaveLength(63);
  });

  it('are one for each node on its upstream', () => {
    const nodes = [declaration('alfa', { upstream: null }), declaration('bravo'), declaration('charlie', { upstream: 'bravo' }), declaration('eye', { role: 'witness' })];
    expect(plannedSlots('alfa', nodes)).toEqual(['pgconvoy_bravo']);
    expect(plannedSlots('bravo', nodes)).toEqual(['pgconvoy_charlie']);
  });

  it('HA41 are made where they are missing, and dropped where nobody needs them', () => {
    expect(reconcileSlots(['pgconvoy_bravo'], [slot('pgconvoy_charlie')])).toEqual({ create: ['pgconvoy_bravo'], drop: ['pgconvoy_charlie'], alert: [] });
    expect(reconcileSlots(['pgconvoy_bravo'], [slot('pgconvoy_bravo')])).toEqual({ create: [], drop: [], alert: [] });
  });

  it('HA41 are made anew when they lost their log', () => {
    expect(reconcileSlots(['pgconvoy_bravo'], [slot('pgconvoy_bravo', false, 'lost')])).toEqual({ create: ['pgconvoy_bravo'], drop: ['pgconvoy_bravo'], alert: [] });
  });

  it('HA41 are left to a human when they are not ours, or somebody reads them', () => {
    expect(reconcileSlots([], [slot('barman'), slot('barman_live', true), slot('pgconvoy_charlie', true), slot('other', false, 'lost')])).toEqual({ create: [], drop: [], alert: ['barman', 'pgconvoy_charlie', 'other'] });
  });
});
