const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as `500ms`, `1.5h` or `2d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]);
}

const PERIODS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]] as const;

/** `30 days`: milliseconds in the largest unit that divides them. */
export function periodText(ms: number): string {
  const [name, unit] = PERIODS.find(([, size]) => ms >= size && ms % size === 0) ?? ['millisecond', 1];
  const count = ms / unit;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
