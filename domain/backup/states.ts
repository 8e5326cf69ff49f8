/** The life of a backup. Only `proven` counts for retention; `failed` keeps nothing in the store. */
export const BACKUP_STATES = ['created', 'dumped', 'stored', 'proven', 'rejected', 'failed', 'expiring', 'deleted'] as const;
export type BackupState = (typeof BACKUP_STATES)[number];

/** Whether a restore may be tried from it. `rejected`: a proof found it damaged; it is kept as evidence and never counted. */
export const isWhole = (state: BackupState): boolean => state === 'stored' || state === 'proven';

/** Still in the making: somebody works on it, or died over it. Every other state is one that a backup may stay in, but `expiring`. */
export const isUnfinished = (state: BackupState): boolean => state === 'created' || state === 'dumped';

/** Where each state may lead. One that began to go goes. */
const NEXT: Readonly<Record<BackupState, readonly BackupState[]>> = {
  created: ['dumped', 'stored', 'failed'],
  dumped: ['stored', 'failed'],
  stored: ['proven', 'rejected', 'expiring'],
  proven: ['rejected', 'expiring'],
  // Rejected by a query that expected the wrong answer, say: another complete proof may overrule it, nothing less.
  rejected: ['proven', 'expiring'],
  // What a failed run had put into the store is swept as an expired backup is.
  failed: ['expiring'],
  expiring: ['deleted'],
  deleted: [],
};

/** The states from which `state` may be reached; itself among them, because every step may be repeated. */
export const statesBefore = (state: BackupState): readonly BackupState[] => BACKUP_STATES.filter((from) => from === state || NEXT[from].includes(state));
