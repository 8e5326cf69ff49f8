/** Below this a table costs more in statements and commits than in rows. */
const TINY_BYTES = 256 * 2 ** 10;
/** Tables in one transaction, which holds a lock on each of them and of their indexes. */
const TABLES_PER_GROUP = 25;

/** Cuts a list into runs of tiny tables, to be dealt with together, and single others. The order stays. */
export function groupTiny<T>(list: readonly T[], bytesOf: (one: T) => number): T[][] {
  const groups: T[][] = [];
  let open: T[] | undefined;
  for (const one of list) {
    if (bytesOf(one) > TINY_BYTES) {
      groups.push([one]);
      open = undefined;
    } else if (open === undefined || open.length >= TABLES_PER_GROUP) {
      open = [one];
      groups.push(open);
    } else {
      open.push(one);
    }
  }
  return groups;
}
