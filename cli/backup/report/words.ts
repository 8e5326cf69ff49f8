import type { NightState } from '../../../domain/backup/report-night.ts';

/** How nights are shown: a word, and a mark that tells them apart without colour. */
export const NIGHTS: Readonly<Record<NightState, { readonly word: string; readonly mark: string; readonly letter: string }>> = {
  proven: { word: 'proven', mark: '✓', letter: '#' },
  expired: { word: 'proven, expired since', mark: '·', letter: '=' },
  running: { word: 'under way', mark: '…', letter: '~' },
  unproven: { word: 'not proven', mark: '?', letter: '?' },
  missed: { word: 'missed', mark: '–', letter: '-' },
  rejected: { word: 'rejected by its proof', mark: '✗', letter: 'X' },
  failed: { word: 'failed', mark: '!', letter: '!' },
  none: { word: 'no backup', mark: '', letter: ' ' },
};

/** `3 d 4 h`, `26 h`, `14 min`, `3.2 s`: the two largest units at most. */
export function spanText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(ms / 3_600_000);
  if (hours < 72) return `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

export const minuteText = (instant: string | null): string => (instant === null ? '–' : instant.slice(0, 16).replace('T', ' '));
