import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { FAILURE_CLASSES, type Classification } from '../../../../domain/cluster/failover/classify.ts';
import { decidePromotion, type PromotionQuestion } from '../../../../domain/cluster/failover/decide.ts';

const DEAD: Classification = { class: 'postmaster-dead', rule: 'agent-says-dead', by: ['G2'], reason: 'Dead.' };
const WINNER = { node: 'bravo', positionLsn: '0/3000000', fetch: null, lossBytes: 0, reason: 'bravo is furthest.' } as PromotionQuestion['election']['winner'] & object;
const QUESTION: PromotionQuestion = {
  epoch: epochOf(4), highestEpoch: epochOf(4), writableElsewhere: [], classification: DEAD, gates: null, forced: false,
  fence: { fenced: true, proof: 'process-tree-gone', attempts: [] }, election: { winner: WINNER, excluded: [], quorum: null, blocked: null },
};
const NOT_FENCED: PromotionQuestion['fence'] = { fenced: false, proof: null, attempts: [{ rule: 'lease-over', by: ['G8'], proven: false, reason: 'It was cut off 3 ms ago.' }] };
const decide = (rest: Partial<PromotionQuestion> = {}) => decidePromotion({ ...QUESTION, ...rest });

describe('the last look before a promotion', () => {
  it('promotes the winner when the old primary is fenced', () => {
    expect(decide()).toMatchObject({ action: 'promote', winner: { node: 'bravo' }, reason: 'Fenced by process-tree-gone. bravo is furthest.' });
  });

  it('HA1 waits for a fence, and tells what each proof lacks', () => {
    expect(decide({ fence: NOT_FENCED })).toMatchObject({ action: 'wait', rule: 'not-fenced', reason: 'lease-over: It was cut off 3 ms ago.' });
    expect(decide({ fence: NOT_FENCED, forced: true }).action).toBe('wait');
  });

  it('gives up when the primary serves after all, unless somebody typed otherwise', () => {
    const classification: Classification = { class: 'serving', rule: 'seen-by-all', by: ['G1'], reason: 'Seen by bravo.' };
    expect(decide({ classification, fence: NOT_FENCED })).toMatchObject({ action: 'abort', rule: 'primary-not-lost', by: ['D2', 'G1'] });
    expect(decide({ classification, fence: NOT_FENCED, forced: true })).toMatchObject({ action: 'wait', rule: 'not-fenced' });
    expect(decide({ classification }).action).toBe('promote');
  });

  it('gives up when a later epoch has begun or somebody else promoted a node', () => {
    expect(decide({ highestEpoch: epochOf(5) })).toMatchObject({ action: 'abort', rule: 'superseded' });
    expect(decide({ writableElsewhere: ['charlie'] })).toMatchObject({ action: 'abort', rule: 'writable-elsewhere', by: ['HA15', 'R89'] });
  });

  it('gives up what the watcher began when a gate has closed since', () => {
    expect(decide({ gates: [{ rule: 'not-paused', by: ['R56'], open: false, reason: 'Paused by ada.' }] })).toMatchObject({ action: 'abort', rule: 'not-paused', reason: 'Paused by ada.' });
  });

  it('HA62 waits without a legal candidate, naming each node and its rule', () => {
    const excluded = [{ node: 'bravo', rule: 'priority-zero', by: ['R55'] as const, reason: 'Its priority is 0.', override: 'name the node' }];
    expect(decide({ election: { winner: null, excluded, quorum: null, blocked: null } })).toMatchObject({ action: 'wait', rule: 'no-legal-candidate', reason: 'bravo (priority-zero): Its priority is 0.' });
    const blocked = { rule: 'quorum-not-readable', by: ['HA33'] as const, reason: 'R + W > N does not hold.', override: 'accept the loss of commits' };
    expect(decide({ election: { winner: null, excluded: [], quorum: null, blocked } })).toMatchObject({ action: 'wait', rule: 'quorum-not-readable' });
  });

  it('HA1 never promotes while the old primary may be writable, or another node is, or in an old epoch', () => {
    const question = fc.record({
      highestEpoch: fc.constantFrom(epochOf(4), epochOf(5)), writableElsewhere: fc.constantFrom([], ['charlie']), forced: fc.boolean(), fence: fc.constantFrom(QUESTION.fence, NOT_FENCED),
      gates: fc.constantFrom<PromotionQuestion['gates']>(null, [{ rule: 'not-paused', by: ['R56'] as const, open: false, reason: 'Paused.' }], [{ rule: 'not-paused', by: ['R56'] as const, open: true, reason: 'Not paused.' }]),
      classification: fc.constantFrom(...FAILURE_CLASSES).map((found) => ({ ...DEAD, class: found })),
    });
    fc.assert(
      fc.property(question, (rest) => {
        if (decide(rest).action !== 'promote') return;
        expect(rest).toMatchObject({ highestEpoch: 4, writableElsewhere: [], fence: { fenced: true } });
        expect(rest.gates?.every(({ open }) => open) ?? true).toBe(true);
      }),
    );
  });
});
