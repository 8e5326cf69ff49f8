/** Units as Postgres has them: powers of 1024. https://www.postgresql.org/docs/current/config-setting.html */
const UNIT_BYTES = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 } as const;

/** Bytes of a size such as `64MB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+)(B|kB|MB|GB|TB)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES];
}
