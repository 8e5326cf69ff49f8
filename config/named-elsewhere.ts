import { didYouMean } from '../domain/did-you-mean.ts';
import type { Complaint } from './finding.ts';

interface NameInInventory {
  /** In the singular; the section is its plural. */
  readonly kind: 'server' | 'store' | 'key' | 'backup';
  readonly path: readonly PropertyKey[];
  readonly name: string;
  readonly section: Readonly<Record<string, unknown>>;
}

/** Complains of a name that the section does not have. */
export function checkNamed({ kind, path, name, section }: NameInInventory): Complaint[] {
  if (Object.hasOwn(section, name)) return [];
  const meant = didYouMean(name, Object.keys(section));
  return [{ path, message: `names ${kind} ${name}, which is not under ${kind}s${meant === undefined ? '' : `; did you mean ${meant}?`}` }];
}
