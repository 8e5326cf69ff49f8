import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { compareCatalogs } from './same-databases/compare-catalogs.ts';
import { compareRows } from './same-databases/compare-rows.ts';
import { compareSequences } from './same-databases/compare-sequences.ts';

export interface DatabasePlace {
  readonly server: ServerAddress;
  readonly database: string;
}

export interface Comparison {
  readonly source: DatabasePlace;
  readonly target: DatabasePlace;
  /** Schemas that only one side is expected to have, for example the copy's ledger. */
  readonly ignoreSchemas?: readonly string[];
  /** Kinds of the catalogs (`database`, `comment`, `index`, …) that are expected to differ. */
  readonly ignoreKinds?: readonly string[];
  /** Roles that have another name on the target. */
  readonly roles?: Readonly<Record<string, string>>;
}

/** Two sessions and what may be looked at on both. */
export interface Sides {
  readonly source: Session;
  readonly target: Session;
  /** The lower major of the two: newer catalogs' columns can only be compared when both have them. */
  readonly lowest: number;
  readonly ignoreSchemas: readonly string[];
  readonly ignoreKinds: readonly string[];
  readonly roles?: Readonly<Record<string, string>>;
}

/**
 * Compares two databases that are not written to, row by row and object by object, and says every difference in words.
 *
 * It shares no SQL with the product's own verification: what that overlooks is to be found here. What differs between
 * majors though nothing was changed is taken out; each such place says so. Both roles have to be superusers.
 */
export async function sameDatabases(comparison: Comparison): Promise<{ equal: boolean; differences: string[] }> {
  await using source = await open(comparison.source);
  await using target = await open(comparison.target);
  const differences = await differencesBetween({ source, target, ignoreSchemas: comparison.ignoreSchemas ?? [], ignoreKinds: comparison.ignoreKinds ?? [], roles: comparison.roles ?? {} });
  return { equal: differences.length === 0, differences };
}

/** The same between two sessions, as they see their databases at this moment. Changes `extra_float_digits` of both. */
export async function differencesBetween(given: Omit<Sides, 'lowest'>): Promise<string[]> {
  const sides: Sides = { ...given, lowest: Math.min(given.source.major, given.target.major) };
  // Up to 11 floats have more digits in text than from 12 on, unless they are asked for 15; see compare-rows.ts.
  if (sides.lowest < 12) for (const session of [sides.source, sides.target]) await session.execute('SET extra_float_digits = 0');
  return [...(await compareCatalogs(sides)), ...(await compareSequences(sides)), ...(await compareRows(sides))];
}

const open = ({ server, database }: DatabasePlace): Promise<Session> => connect(server, { purpose: 'same_databases', database });
