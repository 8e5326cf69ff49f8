import { html, type Html } from './html.ts';

export interface Bar {
  /** `2026-11-20` */
  readonly day: string;
  /** From the bottom to the top. */
  readonly values: readonly number[];
}

export interface BarChart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Names of the values; one class of colour each. */
  readonly series: readonly string[];
  readonly text: (value: number) => string;
  /** Of the axis, from the smallest: an axis ends at a round number of one. */
  readonly units: readonly number[];
}

const WIDTH = 420;
const HEIGHT = 132;
const LEFT = 64;
const RIGHT = 4;
const TOP = 10;
const BOTTOM = 22;

/** A small chart of a value per night, with zero at its foot; nights without a value stay empty. */
export function barsSvg({ title, bars, series, text, units }: BarChart): Html {
  const highest = roundCeiling(Math.max(0, ...bars.map(({ values }) => sum(values))), units);
  const shown = bars.filter(({ values }) => sum(values) > 0);
  const step = (WIDTH - LEFT - RIGHT) / bars.length;
  const heightOf = (value: number): number => (highest === 0 ? 0 : (value / highest) * (HEIGHT - TOP - BOTTOM));
  const summary = shown.length === 0 ? `${title}: nothing yet` : `${title}: ${text(Math.min(...shown.map(({ values }) => sum(values))))} to ${text(Math.max(...shown.map(({ values }) => sum(values))))} over ${shown.length} nights, last ${text(sum(shown.at(-1)!.values))}`;
  return html`<figure class="chart"><figcaption>${title}${series.length > 1 && html` <span class="series">${series.map((name, index) => html`<i class="s${index}"></i>${name} `)}</span>`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary}">
${[0, 0.5, 1].map((share) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM - heightOf(highest * share)}" y2="${HEIGHT - BOTTOM - heightOf(highest * share)}"/>${(share !== 0.5) && html`<text class="axis" x="${LEFT - 8}" y="${HEIGHT - BOTTOM - heightOf(highest * share) + 4}" text-anchor="end">${share === 0 ? '0' : text(highest)}</text>`}`)}
${bars.map((bar, index) => stack(bar, { x: LEFT + index * step, width: Math.max(1, step - 1), foot: HEIGHT - BOTTOM, heightOf, text, series }))}
<text class="axis" x="${LEFT}" y="${HEIGHT - 4}">${bars[0]?.day}</text><text class="axis" x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${bars.at(-1)?.day}</text>
</svg></figure>`;
}

interface Place {
  readonly x: number;
  readonly width: number;
  readonly foot: number;
  readonly heightOf: (value: number) => number;
  readonly text: (value: number) => string;
  readonly series: readonly string[];
}

function stack({ day, values }: Bar, { x, width, foot, heightOf, text, series }: Place): Html | false {
  if (sum(values) === 0) return false;
  const title = `${day}: ${values.map((value, index) => `${series.length > 1 ? `${series[index]} ` : ''}${text(value)}`).join(', ')}`;
  const rects = values.map((value, index) => {
    const below = values.slice(0, index).reduce((total, one) => total + heightOf(one), 0);
    return html`<rect class="s${index}" x="${round(x)}" y="${round(foot - below - heightOf(value))}" width="${round(width)}" height="${round(heightOf(value))}"/>`;
  });
  return html`<g><title>${title}</title>${rects}</g>`;
}

/** The next round number of the largest unit that fits: an axis that people can read. */
function roundCeiling(value: number, units: readonly number[]): number {
  const unit = units.findLast((one) => one <= value);
  if (unit === undefined) return value;
  const power = unit * 10 ** Math.floor(Math.log10(value / unit));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((candidate) => candidate >= value) ?? value;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const round = (value: number): string => value.toFixed(2);
