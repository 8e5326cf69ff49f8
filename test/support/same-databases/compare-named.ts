/** Things by name, each with what is to be the same about it. */
export type Named = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** What is missing, what is too much, and which fact differs where; `kind` is put in front of the names. */
export function compareNamed(kind: string, source: Named, target: Named): string[] {
  const names = [...new Set([...source.keys(), ...target.keys()])].toSorted();
  return names.flatMap((name) => {
    const [left, right] = [source.get(name), target.get(name)];
    if (right === undefined) return [`${kind} ${name}: only on the source`];
    if (left === undefined) return [`${kind} ${name}: only on the target`];
    return Object.keys({ ...left, ...right })
      .filter((fact) => text(left[fact]) !== text(right[fact]))
      .map((fact) => `${kind} ${name}: ${fact} is ${text(left[fact])} on the source, ${text(right[fact])} on the target`);
  });
}

const text = (value: unknown): string => JSON.stringify(value ?? null);
