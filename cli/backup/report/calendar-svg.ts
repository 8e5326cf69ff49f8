import { bytesText } from '../../../domain/migration/progress.ts';
import type { Night } from '../../../domain/backup/report-night.ts';
import { html, type Html } from './html.ts';
import { NIGHTS, spanText } from './words.ts';

const CELL = 22;
const GAP = 4;
const LEFT = 34;
const TOP = 20;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Nights as weeks beside each other, Monday on top. Each tells by colour and by mark how it ended. */
export function calendarSvg(nights: readonly Night[], label: string): Html {
  const first = weekdayOf(nights[0]!.day);
  const placed = nights.map((night, index) => ({ night, column: Math.floor((first + index) / 7), row: (first + index) % 7 }));
  const columns = placed.at(-1)!.column + 1;
  const width = LEFT + columns * (CELL + GAP);
  const height = TOP + 7 * (CELL + GAP);
  return html`<svg class="calendar" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${WEEKDAYS.map((name, row) => row % 2 === 0 && html`<text class="axis" x="0" y="${yOf(row) + CELL / 2 + 4}">${name}</text>`)}
${monthLabels(placed)}
${placed.map(({ night, column, row }) => cell(night, xOf(column), yOf(row)))}
</svg>`;
}

interface Placed {
  readonly night: Night;
  readonly column: number;
  readonly row: number;
}

/** Above the column in which a month begins; the first one only when there is room before the next. */
function monthLabels(placed: readonly Placed[]): Html[] {
  const starts = placed.filter(({ night }, index) => index === 0 || night.day.endsWith('-01'));
  const roomy = starts.filter(({ column }, index) => starts[index + 1] === undefined || starts[index + 1]!.column - column > 1);
  return roomy.map(({ night, column }) => html`<text class="axis" x="${xOf(column)}" y="12">${MONTHS[Number(night.day.slice(5, 7)) - 1]!}</text>`);
}

function cell(night: Night, x: number, y: number): Html {
  const { mark } = NIGHTS[night.state];
  return html`<g class="night ${night.state}"><title>${titleOf(night)}</title><rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" rx="4"/>${mark !== '' && html`<text x="${x + CELL / 2}" y="${y + CELL / 2 + 4.5}">${mark}</text>`}</g>
`;
}

function titleOf({ day, state, backups, storedBytes, dumpSeconds, restoreSeconds }: Night): string {
  const facts = [
    ...(storedBytes > 0 ? [`${bytesText(storedBytes)} stored`] : []),
    ...(dumpSeconds > 0 ? [`dump ${spanText(dumpSeconds * 1000)}`] : []),
    ...(restoreSeconds > 0 ? [`restore ${spanText(restoreSeconds * 1000)}`] : []),
    ...backups.flatMap(({ database, error }) => (error === null ? [] : [`${database}: ${error.message}`])),
  ];
  return `${day}: ${[NIGHTS[state].word, ...facts].join(', ')}`;
}

const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
const xOf = (column: number): number => LEFT + column * (CELL + GAP);
const yOf = (row: number): number => TOP + row * (CELL + GAP);
