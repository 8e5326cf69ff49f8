/** One thing to tell about the inventory file. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** The place in the inventory, for example `servers.shop-old.port`; empty for the whole file. */
  readonly path: string;
  /** Position in the file, both from 1. */
  readonly line: number;
  readonly column: number;
  /** Begins in lower case and continues the path: `is missing`. */
  readonly message: string;
  readonly hint?: string;
}

/** A finding before it has a position. */
export type Complaint = Pick<Finding, 'message' | 'hint'> & {
  readonly severity?: Finding['severity'];
  readonly path: readonly PropertyKey[];
  /** Point at the name of the last part of the path, not at its value. */
  readonly atKey?: boolean;
};
