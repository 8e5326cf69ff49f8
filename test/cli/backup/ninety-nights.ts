import { parseCron } from '../../../domain/backup/cron.ts';
import { buildReport, type BackupReport } from '../../../domain/backup/report.ts';
import type { ReportedBackup } from '../../../domain/backup/report-night.ts';
import { decideRetention, type RetentionPolicy } from '../../../domain/backup/retention.ts';

/** Ninety nights of three policies as an operator has them: growing databases, some bad nights, one server that is down since yesterday. */
export const AT = '2026-11-20T09:15:00.000Z';
const DAY_MS = 86_400_000;
const GB = 1024 ** 3;

const RETENTION: RetentionPolicy = { keepLast: 7, keepForMs: 14 * DAY_MS, daily: 7, weekly: 4, monthly: 3, yearly: 0, minimumProven: 3, timeZone: 'Europe/Berlin' };

interface Nights {
  readonly server: string;
  readonly database: string;
  readonly gigabytes: number;
  readonly growth: number;
  /** By age in days: what the night was instead of good; `missed` leaves it out. */
  readonly bad: Readonly<Record<number, ReportedBackup['state'] | 'missed'>>;
  readonly nights: number;
}

function nightsOf({ server, database, gigabytes, growth, bad, nights }: Nights): ReportedBackup[] {
  return Array.from({ length: nights }, (_, age) => age).flatMap((age) => {
    const state = bad[age] ?? 'proven';
    if (state === 'missed') return [];
    // Some unrest that is the same every time.
    const unrest = 1 + Math.sin(age * 12.9898) * 0.04;
    const at = new Date(Date.parse('2026-11-20T02:30:00Z') - age * DAY_MS + Math.round(Math.abs(Math.sin(age)) * 90_000)).toISOString();
    const bytes = Math.round(gigabytes * GB * (1 + growth * (90 - age)) * unrest);
    const whole = state === 'proven' || state === 'stored' || state === 'rejected';
    return [{
      backupId: `${at.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${((age + gigabytes * 1000) * 2_654_435_761 >>> 0).toString(16).padStart(8, '0')}`,
      runId: `run-${database}-${age}`, server, systemId: '7311', database, state, createdAt: at, snapshotAt: whole ? at : null, hold: age === 33 ? { by: 'ada', reason: 'ticket 4711', at } : null,
      storedAt: whole ? at : null, provenAt: state === 'proven' ? at : null, storedBytes: whole ? bytes : null, rawBytes: whole ? bytes * 4 : null, rows: whole ? 12_000_000 : null,
      dumpSeconds: whole ? (bytes / GB) * 40 * unrest : null, restoreSeconds: state === 'proven' ? (bytes / GB) * 95 * unrest : null,
      error: state === 'failed' ? { code: 'dump_locked' as never, message: 'table public.orders is locked by pid 4711 since 03:12 (ALTER TABLE)' } : state === 'rejected' ? { code: 'backup_damaged' as never, message: 'object files/3021.dat.zst is damaged: Its SHA-256 differs. Expected 52e3c3860e2b387cc323af15ba86c11458ce5bcfb3c317afc74fc6380cde52b3, found 71855d3465ed939bb8590b91f30564eac563d792559b5ef39823543259ad8288' } : null,
    }];
  });
}

/** What retention would have left of them, decided night after night. */
function thinned(backups: readonly ReportedBackup[]): ReportedBackup[] {
  let present = [...backups];
  for (const now of backups.map(({ createdAt }) => createdAt).toSorted()) {
    const known = present.filter((backup) => backup.createdAt <= now);
    const gone = new Set(decideRetention({ policy: RETENTION, backups: known, now }).filter(({ verdict }) => verdict === 'expire').map(({ backupId }) => backupId));
    present = present.map((backup) => (gone.has(backup.backupId) ? { ...backup, state: 'deleted' as const } : backup));
  }
  return present;
}

export function ninetyNights(): BackupReport {
  const shop = thinned(nightsOf({ server: 'shop-db', database: 'shop', gigabytes: 3.1, growth: 0.004, nights: 90, bad: { 12: 'failed', 13: 'failed', 30: 'missed', 47: 'rejected', 71: 'failed' } }));
  const crm = [...thinned(nightsOf({ server: 'crm-db', database: 'crm', gigabytes: 0.8, growth: 0.002, nights: 74, bad: { 0: 'failed', 1: 'failed', 2: 'stored', 40: 'rejected' } })), ...thinned(nightsOf({ server: 'crm-db', database: 'crm archive <old>', gigabytes: 1.9, growth: 0, nights: 74, bad: {} }))];
  const fresh = nightsOf({ server: 'lab', database: 'lab', gigabytes: 0.02, growth: 0.01, nights: 3, bad: { 0: 'created' } });
  const verdicts = (backups: readonly ReportedBackup[]) => decideRetention({ policy: RETENTION, backups, now: AT });
  const times = parseCron('30 3 * * *')!;
  return buildReport({
    at: AT,
    days: 90,
    policies: [
      { policy: 'shop-nightly', server: 'shop-db', wanted: null, timeZone: 'Europe/Berlin', times, rpoMs: 26 * 3_600_000, rtoMs: 3_600_000, backups: shop, verdicts: verdicts(shop) },
      { policy: 'crm-nightly', server: 'crm-db', wanted: null, timeZone: 'Europe/Berlin', times, rpoMs: 26 * 3_600_000, rtoMs: 60_000, backups: crm, verdicts: verdicts(crm) },
      { policy: 'lab', server: 'lab', wanted: null, timeZone: 'UTC', times: null, rpoMs: null, rtoMs: null, backups: fresh, verdicts: verdicts(fresh) },
      { policy: 'new', server: 'lab', wanted: null, timeZone: 'UTC', times, rpoMs: 3_600_000, rtoMs: null, backups: [], verdicts: [] },
    ],
  });
}
