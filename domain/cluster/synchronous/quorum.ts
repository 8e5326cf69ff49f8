import { mayAcknowledge, type SynchronousNames } from './names.ts';

/**
 * R + W > N: a commit was acknowledged by `written` of `total` standbys; whoever reads `readable` of them reads at least one that has it when the two
 * sets must overlap. FIRST is counted as ANY: which of the list acknowledged changes with who is connected (R75).
 */
export interface AckQuorum {
  /** N: standbys that may have acknowledged. */
  readonly total: number;
  /** A star in the list: whoever connected may have acknowledged, so N is not known. */
  readonly openEnded: boolean;
  /** W: so many had to. */
  readonly written: number;
  /** R: of these we know how far they are. */
  readonly readable: number;
  readonly holds: boolean;
}

/** Over the standbys of the lost primary by application_name. */
export function ackQuorum(names: SynchronousNames, standbys: readonly { readonly applicationName: string; readonly readable: boolean }[]): AckQuorum {
  const ackers = standbys.filter(({ applicationName }) => mayAcknowledge(names, applicationName));
  // A name of the list that is no node of ours may have acknowledged as well.
  const strangers = names.names.filter((name) => name !== '*' && !standbys.some(({ applicationName }) => applicationName.toLowerCase() === name));
  const total = ackers.length + strangers.length;
  const readable = ackers.filter((standby) => standby.readable).length;
  const openEnded = names.names.includes('*');
  return { total, openEnded, written: names.count, readable, holds: !openEnded && readable + names.count > total && readable > 0 };
}

/** Whether a primary that we cannot reach can still acknowledge a commit, when only `attached` of its standbys may be connected to it. A star lets anybody in. */
export const canAcknowledge = (names: SynchronousNames, attached: number): boolean => names.names.includes('*') || attached >= names.count;
