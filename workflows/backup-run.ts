import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';

import type { BegunBackupRun } from '../activities/backup/begin-backup-run.ts';
import { type BackupPhase, type BackupRunProgress, backupRunMarkdown, type BackupRunState, type DatabaseProgress, problemOf } from '../domain/backup/run-progress.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { backupProgressQuery, KIND_ATTRIBUTE, PHASE_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';

/** A run of a policy as its operator sees it. The workflow tells it what happens; it answers queries and keeps the UI's details current. */
export class BackupRun {
  #progress: BackupRunProgress;

  constructor(runId: string, policy: string) {
    this.#progress = { runId, policy, state: 'running', phase: 'begin', sealed: false, databases: [] };
    upsertSearchAttributes([
      { key: KIND_ATTRIBUTE, value: 'backup' },
      { key: SUBJECT_ATTRIBUTE, value: policy },
      { key: STATE_ATTRIBUTE, value: 'running' },
    ]);
    setHandler(backupProgressQuery, () => this.#progress, { description: 'Where the run stands, as one JSON object.' });
    this.#show();
  }

  get progress(): BackupRunProgress {
    return this.#progress;
  }

  begun({ databases, sealed }: BegunBackupRun): void {
    this.#change({ sealed, databases: databases.map((database) => ({ database, state: 'waiting' })) });
  }

  enter(phase: BackupPhase): void {
    this.#change({ phase });
    upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: phase }]);
  }

  note(database: string, change: Partial<DatabaseProgress>): void {
    this.#change({ databases: this.#progress.databases.map((row) => (row.database === database ? { ...row, ...change } : row)) });
  }

  expired(expiry: NonNullable<BackupRunProgress['expiry']>): void {
    this.#change({ expiry });
  }

  /** What was not as it should be with the databases. */
  problem(): ErrorReport | undefined {
    return problemOf(this.#progress);
  }

  become(state: BackupRunState, problem?: ErrorReport): void {
    this.#change({ state, ...(problem === undefined ? {} : { problem }) });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
  }

  #change(change: Partial<BackupRunProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#show();
  }

  #show(): void {
    setCurrentDetails(backupRunMarkdown(this.#progress));
  }
}
