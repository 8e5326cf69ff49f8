import { describe, expect, it } from 'vitest';
import { compareSettings, lintParity, NOT_LESS } from '../../../../domain/cluster/settings/parity.ts';
import { settings } from '../builders.ts';
import { picture } from '../picture-builder.ts';

describe('parity of settings', () => {
  it('HA45 wants no less on a standby of what limits replay', () => {
    for (const name of NOT_LESS) {
      expect(lintParity(picture({ bravo: { settings: { [name]: '1' } }, alfa: { settings: { [name]: '2' } } })), name).toMatchObject([{ rule: 'less-than-primary', node: 'bravo', severity: 'blocking' }, { rule: 'less-than-primary', node: 'charlie' }].slice(0, name === 'max_prepared_transactions' ? 2 : 1));
      expect(compareSettings('bravo', settings({ [name]: '3' }), settings({ [name]: '2' }))).toEqual([]);
    }
  });

  it('R64 wants the same of what would change with the roles', () => {
    expect(lintParity(picture({ bravo: { settings: { wal_log_hints: 'off', shared_preload_libraries: 'pg_stat_statements' } } }))).toMatchObject([
      { rule: 'other-than-primary', node: 'bravo', by: ['R64', 'R8'], reason: 'wal_log_hints is off, on the primary on.' },
      { rule: 'other-than-primary', by: ['R64', 'R8', 'HA55'], reason: 'shared_preload_libraries is pg_stat_statements, on the primary empty.' },
    ]);
  });

  it('R64 wants a standby to follow every promotion', () => {
    expect(lintParity(picture({ bravo: { settings: { recovery_target_timeline: 'current' } } }))).toMatchObject([{ rule: 'target-timeline', node: 'bravo' }]);
  });

  it('compares nothing while it is not clear who is primary', () => {
    expect(lintParity(picture({ bravo: { server: { inRecovery: false }, settings: { max_connections: '1' } } }))).toEqual([]);
  });
});
