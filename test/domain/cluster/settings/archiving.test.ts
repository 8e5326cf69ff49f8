import { describe, expect, it } from 'vitest';
import { lintArchiving, lintCommand } from '../../../../domain/cluster/settings/archiving.ts';
import { picture } from '../picture-builder.ts';

const ruleOf = (command: string): string | undefined => lintCommand('alfa', command)[0]?.rule;
const archiving = (folder: string) => ({ archive_mode: 'on', archive_command: `test ! -f ${folder}/%f && cp %p ${folder}/%f` });

describe('an archive command', () => {
  it('R43 guards the file it writes', () => {
    expect(ruleOf('test ! -f /archive/%f && cp %p /archive/%f')).toBeUndefined();
    expect(ruleOf('test ! -f "/archive/%f" && cp "%p" "/archive/%f"')).toBeUndefined();
    expect(ruleOf('[ ! -f /archive/%f ] && cp -p %p /archive/')).toBeUndefined();
    expect(ruleOf('cp -n %p /archive/%f')).toBeUndefined();
    expect(ruleOf('test ! -f /archive/%f && cp %p /var/archive/%f')).toBe('archive-guard-elsewhere');
  });

  it('HA42 replaces nothing', () => {
    expect(ruleOf('cp %p /archive/%f')).toBe('archive-overwrites');
    expect(ruleOf('cp -p %p /archive/%f')).toBe('archive-overwrites');
  });

  it('is not judged when it is a program for that, and is missed when it is empty', () => {
    expect(ruleOf('pgbackrest --stanza=shop archive-push %p')).toBeUndefined();
    expect(ruleOf('')).toBe('archive-command-empty');
  });
});

describe('archiving in a cluster', () => {
  it('HA42 is by each node into a place of its own', () => {
    expect(lintArchiving(picture({ alfa: { settings: archiving('/archive/') }, bravo: { settings: archiving('/archive/') } }))).toMatchObject([{ rule: 'archive-shared', by: ['R78', 'HA42'], reason: expect.stringContaining('alfa and bravo') }]);
    expect(lintArchiving(picture({ alfa: { settings: archiving('/archive/alfa') }, bravo: { settings: archiving('/archive/bravo') } }))).toEqual([]);
  });

  it('HA24 is not behind', () => {
    const settings = archiving('/archive');
    expect(lintArchiving(picture({ alfa: { settings, server: { archiver: { readyFiles: 10, failing: false } } } }))).toEqual([]);
    expect(lintArchiving(picture({ alfa: { settings, server: { archiver: { readyFiles: 11, failing: false } } } }))).toMatchObject([{ rule: 'archiver-behind' }]);
    expect(lintArchiving(picture({ alfa: { settings, server: { archiver: { readyFiles: 0, failing: true } } } }))).toMatchObject([{ rule: 'archiver-behind' }]);
    expect(lintArchiving(picture({ bravo: { settings, server: { archiver: { readyFiles: 99, failing: true } } } }))).toEqual([]);
  });

  it('is not looked at where it is off, or done by a library', () => {
    expect(lintArchiving(picture({ alfa: { settings: { archive_mode: 'off', archive_command: 'cp %p /archive/%f' } } }))).toEqual([]);
    expect(lintArchiving(picture({ alfa: { settings: { archive_mode: 'on', archive_command: '', archive_library: 'basic_archive' } } }))).toEqual([]);
  });
});
