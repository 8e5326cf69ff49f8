import { didYouMean } from '../domain/did-you-mean.ts';
import { OperationError } from '../domain/errors.ts';

/** The entry of a section of the inventory (`kind` in the singular, for messages). Throws `name_unknown`, which lists the names there are. */
export function entryNamed<Entry>(kind: 'server' | 'store' | 'migration' | 'key' | 'backup policy' | 'drill' | 'cluster' | 'node', entries: Readonly<Record<string, Entry>>, name: string): Entry {
  if (Object.hasOwn(entries, name)) return entries[name]!;
  const names = Object.keys(entries);
  const plural = kind === 'backup policy' ? 'backup policies' : `${kind}s`;
  const meant = didYouMean(name, names);
  throw new OperationError('name_unknown', `${kind} "${name}" is not in the inventory`, {
    detail: names.length === 0 ? `The inventory has no ${plural}.` : `The inventory has the ${plural} ${names.join(', ')}.`,
    ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }),
    context: { kind, name },
  });
}
