/**
 * The names in an order in which each comes after all it needs. Names that need each other in a circle come last, in the order
 * given: whoever uses them finds out.
 */
export function dependencyOrder(names: readonly string[], needs: ReadonlyMap<string, readonly string[]>): string[] {
  const ordered: string[] = [];
  const placed = new Set<string>();
  const visit = (name: string, path: ReadonlySet<string>): void => {
    if (placed.has(name) || path.has(name)) return;
    for (const needed of needs.get(name) ?? []) visit(needed, new Set([...path, name]));
    if (placed.has(name)) return;
    placed.add(name);
    ordered.push(name);
  };
  for (const name of names) visit(name, new Set());
  return ordered.filter((name) => names.includes(name));
}
