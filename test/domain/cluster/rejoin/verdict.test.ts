import { describe, expect, it } from 'vitest';
import { judgeRejoin, type RejoinFacts } from '../../../../domain/cluster/rejoin/verdict.ts';
import { history, lsn } from '../builders.ts';

const AHEAD: RejoinFacts['node'] = {
  systemIdentifier: '7311', state: 'shut down', history: history(1), endLsn: lsn('0/3000100'), walLogHints: true, dataChecksums: false, fullPageWrites: true, major: 15, processesLeft: 0,
  destructiveStep: null, rewriteEnded: false, controlReadable: true, oldestWalLsn: lsn('0/2000000'), lastCommonRedoLsn: lsn('0/2000028'), archiveHasRest: null, readyFiles: 0,
};
const PRIMARY: RejoinFacts['primary'] = { systemIdentifier: '7311', history: history(2, [1, '0/3000000']), writeLsn: lsn('0/5000000'), inRecovery: false, controlTimeline: 2 };
const judge = (node: Partial<RejoinFacts['node']> = {}, primary: Partial<RejoinFacts['primary']> = {}) => judgeRejoin({ node: { ...AHEAD, ...node }, primary: { ...PRIMARY, ...primary }, operation: 'rejoin/9' });
const CLEAN = { endLsn: lsn('0/2FFFF00') };

describe('the way back', () => {
  it('is a start for a node that holds nothing of its own', () => {
    expect(judge(CLEAN)).toMatchObject({ action: 'start', relation: { relation: 'clean' } });
    expect(judge({ ...CLEAN, state: 'in production' })).toMatchObject({ action: 'start', relation: { relation: 'behind' } });
    expect(judge({ ...CLEAN, walLogHints: false })).toMatchObject({ action: 'start', rewindExcludedBy: [] });
  });

  it('is a rewind for one that is ahead or forked', () => {
    expect(judge()).toMatchObject({ action: 'rewind', relation: { relation: 'ahead' }, fetchWal: false, archiveFirst: false });
    expect(judge({ history: history(3, [1, '0/2000100']) })).toMatchObject({ action: 'rewind', relation: { relation: 'forked' } });
  });

  it('HA15 is a clone for the other fork of one timeline, and for a foreign system', () => {
    expect(judge({ history: history(2, [1, '0/3000060']) })).toMatchObject({ action: 'clone', rule: 'one-number-two-forks' });
    expect(judge({ systemIdentifier: '9' })).toMatchObject({ action: 'clone', rule: 'other-system' });
  });

  it('HA20 archives first what may be the only copy', () => {
    expect(judge({ readyFiles: 2 })).toMatchObject({ action: 'rewind', archiveFirst: true });
  });
});

describe('waiting', () => {
  it('HA14 is for the checkpoint of a new primary', () => {
    expect(judge({}, { controlTimeline: 1 })).toMatchObject({ action: 'wait', rule: 'source-not-checkpointed', by: ['HA14', 'E4'] });
    expect(judge({}, { inRecovery: true })).toMatchObject({ action: 'wait', rule: 'source-in-recovery' });
  });

  it('HA16 is for the last process of the node, and HA59 for another operation on it', () => {
    expect(judge({ processesLeft: 1 })).toMatchObject({ action: 'wait', rule: 'still-running' });
    expect(judge({ destructiveStep: 'rejoin/8' })).toMatchObject({ action: 'wait', rule: 'other-destructive-step' });
  });
});

describe('a rewind that is not possible', () => {
  it.each<[string, Partial<RejoinFacts['node']>]>([
    ['no-hints-no-checksums', { walLogHints: false }],
    ['no-full-page-writes', { fullPageWrites: false }],
    ['unclean-stop', { state: 'in production', major: 12 }],
    ['wal-gone', { oldestWalLsn: lsn('0/2000029'), archiveHasRest: false }],
    ['wal-gone', { oldestWalLsn: lsn('0/2000029'), archiveHasRest: null }],
    ['wal-gone', { oldestWalLsn: lsn('0/2000029'), archiveHasRest: true, major: 12 }],
  ])('HA18 HA16 HA19 is a clone, by %s', (rule, node) => {
    expect(judge(node)).toMatchObject({ action: 'clone', rule, rewindExcludedBy: [{ rule }] });
  });

  it('HA18 needs one of hints and checksums', () => {
    expect(judge({ walLogHints: false, dataChecksums: true }).action).toBe('rewind');
  });

  it('HA19 fetches from the archive what pg_wal has no more, from 13 on', () => {
    expect(judge({ oldestWalLsn: lsn('0/2000029'), archiveHasRest: true })).toMatchObject({ action: 'rewind', fetchWal: true });
  });

  it('HA16 recovers an unclean stop itself from 13 on', () => {
    expect(judge({ state: 'in production' }).action).toBe('rewind');
  });

  it('names every reason', () => {
    expect(judge({ walLogHints: false, fullPageWrites: false }).rewindExcludedBy.map(({ rule }) => rule)).toEqual(['no-hints-no-checksums', 'no-full-page-writes']);
  });
});

describe('HA21 a rewind that broke', () => {
  const own = { destructiveStep: 'rejoin/9' };

  it('is not done again: what it left is cloned', () => {
    expect(judge(own)).toMatchObject({ action: 'clone', rule: 'rewind-interrupted' });
    expect(judge({ ...own, controlReadable: false })).toMatchObject({ action: 'clone', rule: 'rewind-interrupted' });
    expect(judge({ controlReadable: false })).toMatchObject({ action: 'clone', rule: 'control-unreadable' });
  });

  it('never ends in a start, however clean it looks', () => {
    expect(judge({ ...own, ...CLEAN })).toMatchObject({ action: 'clone', rule: 'rewind-interrupted' });
  });

  it('is over when its program ended well and the node is on the line', () => {
    expect(judge({ ...own, ...CLEAN, rewriteEnded: true }).action).toBe('start');
    expect(judge({ ...own, rewriteEnded: true }).action).toBe('rewind');
  });
});
