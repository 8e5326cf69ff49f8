/** The life of a backup. Only `proven` counts for retention; `failed` keeps nothing in the store. */
export const BACKUP_STATES = ['created', 'dumped', 'stored', 'proven', 'rejected', 'failed', 'expiring', 'deleted'] as const;
export type BackupState = (typeof BACKUP_STATES)[number];

/** Whether a restore may be tried from it. `rejected`: a proof found it damaged; it is kept as evidence and never counted. */
export const isWhole = (state: BackupState): boolean => state === 'stored' || state === 'proven';
