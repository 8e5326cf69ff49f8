/** Whether `schema.table` fits a pattern in which `*` stands for any run of characters. */
export function fitsPattern(table: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('.*')}$`, 's').test(table);
}

/** The same pattern for SQL's LIKE. */
export const likePattern = (pattern: string): string => pattern.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
