/**
 * What became of one transaction, as the application knows it: `acked` was acknowledged by a COMMIT, `failed` surely
 * did not happen, `ambiguous` may have: the connection broke while COMMIT was under way.
 */
export interface WriteRecord {
  readonly writer: number;
  /** Counts up by one for every transaction of the writer, whatever becomes of it. */
  readonly n: number;
  readonly outcome: 'acked' | 'failed' | 'ambiguous';
  /** When the answer came, in milliseconds of the machine's monotonic clock. */
  readonly atMs: number;
  /** `host:port/database` that the transaction ran on. */
  readonly server: string;
  /** SQLSTATE, or the code of the socket's error; absent when acked. */
  readonly sqlstate?: string;
}

/** The name of a transaction, in the ledger and in the rental's column `request`. */
export const requestOf = ({ writer, n }: Pick<WriteRecord, 'writer' | 'n'>): string => `${writer}/${n}`;

/** One line of the ledger file. */
export const formatRecord = (record: WriteRecord): string => `${JSON.stringify(record)}\n`;

/** The content of a ledger file. A last line without its newline was cut by a crash before it counted. */
export function parseLedger(text: string): WriteRecord[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WriteRecord);
}
