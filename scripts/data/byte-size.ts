const UNITS = { kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 } as const;

/** `200MB` → bytes. Units as in postgresql.conf: kB, MB, GB, powers of 1024. Throws `RangeError`. */
export function parseByteSize(text: string): number {
  const [, digits, unit] = /^(\d+)(kB|MB|GB)$/.exec(text) ?? [];
  if (digits === undefined) throw new RangeError(`${text} is not a size: write for example 50MB or 2GB`);
  return Number(digits) * UNITS[unit as keyof typeof UNITS];
}
