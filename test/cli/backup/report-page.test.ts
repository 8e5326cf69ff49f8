import { expect, it } from 'vitest';

import { reportPage } from '../../../cli/backup/report/page.ts';
import { reportText } from '../../../cli/backup/report/report-text.ts';
import { ninetyNights } from './ninety-nights.ts';

const page = reportPage(ninetyNights());

it('needs nothing but itself', () => {
  expect(page.match(/<script|<link|<img|\ssrc=|\shref=|url\(|@import|https?:/gi)).toBeNull();
  expect(page).toContain(`default-src 'none'`);
});

it('escapes what comes from servers', () => {
  expect(page).toContain('crm archive &lt;old&gt;');
  expect(page).not.toContain('<old>');
});

it('tells every night in words, for those who see no colours', () => {
  expect(page.match(/<g class="night [a-z]+"><title>/g)).toHaveLength(4 * 90);
  expect(page).toContain('2026-11-08: failed, shop: table public.orders is locked by pid 4711');
  expect(page).toMatch(/aria-label="Calendar of 90 nights: 17 proven, 68 proven, expired since, 1 missed, 1 rejected by its proof, 3 failed"/);
});

it('says the same on a terminal', () => {
  const text = reportText(ninetyNights());
  expect(text).toMatch(/shop-nightly +good +2026-11-20 02:30 UTC +7 h +✓ 26 h +7 min +✓ 60 min +17 /);
  expect(text).toMatch(/crm-nightly +failing +.* 3 d 7 h +✗ 26 h +3 min +✗ 1 min/);
  expect(text).toContain('  ==================!===================#===X=============#==-=========##====#!!############  shop-nightly');
  expect(text).toContain('crm-nightly: The newest backup of crm has failed');
  expect(text).toContain('new: No backup was ever made.');
});
