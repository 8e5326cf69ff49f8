/** The timeline of a drill as SVG: who did what, what was acknowledged, and how long each writer waited. */
import type { DrillPhase, DrillReport } from './report.ts';
import type { DrillSeries } from './series.ts';

const WIDTH = 960;
const LEFT = 120;
const RIGHT = 16;
const LANE = 16;
const BARS = 120;
const WRITER = 12;

export interface ChartWish {
  readonly fromMs: number;
  readonly toMs: number;
  readonly title: string;
}

/** The part of a drill between two moments. */
export function drillChart({ series, phases }: Pick<DrillReport, 'series' | 'phases'>, wish: ChartWish): string {
  const x = (ms: number): number => LEFT + ((Math.min(Math.max(ms, wish.fromMs), wish.toMs) - wish.fromMs) / (wish.toMs - wish.fromMs)) * (WIDTH - LEFT - RIGHT);
  const shown = phases.filter(({ fromMs, toMs }) => (toMs ?? fromMs) >= wish.fromMs && fromMs <= wish.toMs);
  const lanesTop = 24;
  const barsTop = lanesTop + shown.length * LANE + 12;
  const writersTop = barsTop + BARS + 12;
  const axisTop = writersTop + series.gaps.length * WRITER + 6;
  const height = axisTop + 28;
  const parts = [
    text({ x: LEFT, y: 14, words: wish.title, kind: 'title' }),
    ...shown.flatMap((phase, index) => lane(phase, lanesTop + index * LANE, x)),
    ...bars(series, { ...wish, top: barsTop, x }),
    text({ x: LEFT - 8, y: barsTop + 12, words: `writes / ${series.bucketMs} ms`, kind: 'end' }),
    ...series.gaps.flatMap((gap, index) => writerRow(gap, writersTop + index * WRITER, x)),
    ...axis({ ...wish, top: axisTop, x }),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(wish.title)}">${parts.join('')}</svg>`;
}

type Scale = (ms: number) => number;

function lane({ source, step, fromMs, toMs }: DrillPhase, top: number, x: Scale): string[] {
  const width = Math.max(2, x(toMs ?? fromMs) - x(fromMs));
  const took = toMs === null ? '' : ` ${duration(toMs - fromMs)}`;
  return [
    text({ x: LEFT - 8, y: top + 11, words: source, kind: 'end' }),
    `<rect class="phase ${escape(source)}" x="${round(x(fromMs))}" y="${top + 2}" width="${round(width)}" height="${LANE - 4}"><title>${escape(`${source}: ${step}${took}`)}</title></rect>`,
    label({ words: `${step}${took}`, from: x(fromMs), to: x(fromMs) + width, y: top + 11 }),
  ];
}

/** Beside the bar, where there is room. */
function label({ words, from, to, y }: { words: string; from: number; to: number; y: number }): string {
  const fits = to + 6 + words.length * 6 < WIDTH;
  return fits ? text({ x: to + 4, y, words, kind: 'label' }) : text({ x: from - 4, y, words, kind: 'label end' });
}

function bars({ acked, errors, bucketMs, fromMs }: DrillSeries, { top, x, ...wish }: ChartWish & { top: number; x: Scale }): string[] {
  const most = Math.max(1, ...acked, ...errors);
  const draw = (counts: readonly number[], kind: string): string[] =>
    counts.flatMap((count, index) => {
      const [from, to] = [fromMs + index * bucketMs, fromMs + (index + 1) * bucketMs];
      if (count === 0 || to < wish.fromMs || from > wish.toMs) return [];
      const high = (count / most) * BARS;
      return [`<rect class="${kind}" x="${round(x(from))}" y="${round(top + BARS - high)}" width="${round(Math.max(1, x(to) - x(from) - 0.5))}" height="${round(high)}"><title>${count} ${kind} at ${duration(from)}</title></rect>`];
    });
  return [`<line class="axis" x1="${LEFT}" y1="${top + BARS}" x2="${WIDTH - RIGHT}" y2="${top + BARS}"/>`, text({ x: LEFT - 8, y: top + BARS, words: `0…${most}`, kind: 'end' }), ...draw(acked, 'acked'), ...draw(errors, 'errors')];
}

function writerRow({ writer, fromMs, toMs }: DrillSeries['gaps'][number], top: number, x: Scale): string[] {
  const middle = top + WRITER / 2;
  const line = `<line class="writing" x1="${LEFT}" y1="${middle}" x2="${WIDTH - RIGHT}" y2="${middle}"/>`;
  const gap = `<rect class="gap" x="${round(x(fromMs))}" y="${top + 2}" width="${round(Math.max(1, x(toMs) - x(fromMs)))}" height="${WRITER - 4}"><title>${escape(writer)}: nothing for ${duration(toMs - fromMs)}</title></rect>`;
  return [text({ x: LEFT - 8, y: top + 10, words: `${writer}  ${duration(toMs - fromMs)}`, kind: 'end' }), line, gap];
}

function axis({ fromMs, toMs, top, x }: ChartWish & { top: number; x: Scale }): string[] {
  const step = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000].find((ms) => (toMs - fromMs) / ms <= 12) ?? 600_000;
  const ticks: string[] = [`<line class="axis" x1="${LEFT}" y1="${top}" x2="${WIDTH - RIGHT}" y2="${top}"/>`];
  for (let ms = Math.ceil(fromMs / step) * step; ms <= toMs; ms += step) {
    ticks.push(`<line class="axis" x1="${round(x(ms))}" y1="${top}" x2="${round(x(ms))}" y2="${top + 4}"/>`, text({ x: x(ms), y: top + 16, words: `${Math.round(ms) / 1000} s`, kind: 'middle' }));
  }
  return ticks;
}

const text = ({ x, y, words, kind }: { x: number; y: number; words: string; kind: string }): string => `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escape(words)}</text>`;

/** 480 ms, 12.3 s. */
export const duration = (ms: number): string => (Math.abs(ms) < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`);

export const escape = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const round = (value: number): number => Math.round(value * 10) / 10;
