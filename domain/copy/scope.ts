/** Which part of a database a migration takes. */
export interface Scope {
  readonly schemas?: readonly string[] | undefined;
  readonly excludeSchemas: readonly string[];
  /** `schema.table`; `*` stands for any run of characters. */
  readonly excludeTables: readonly string[];
}

/** Whether a relation belongs to the migration. One rule for dump, copy, publication and comparison (F52). */
export function inScope(scope: Scope, schema: string, name: string): boolean {
  if (scope.schemas !== undefined && !scope.schemas.includes(schema)) return false;
  if (scope.excludeSchemas.includes(schema)) return false;
  return !scope.excludeTables.some((pattern) => matchesPattern(pattern, `${schema}.${name}`));
}

/** `*` stands for any run of characters; everything else is itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  const form = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${form.join('.*')}$`, 's').test(text);
}
