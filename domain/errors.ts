/**
 * What can go wrong, as data. One row per condition: the category gives the exit code and the exit code the script's
 * next move; the verdict says whether Temporal tries again. Nothing is ever decided by the text of a message.
 *
 * Verdicts: `again` (a passing fault, the step is repeated), `never` (repeating cannot help until somebody acts).
 */
export const EXIT_CODES = {
  usage: 2,
  config: 3,
  precondition: 4,
  source: 5,
  target: 6,
  storage: 7,
  verification: 8,
  environment: 9,
  bug: 70,
  interrupted: 130,
} as const;

export type ErrorCategory = keyof typeof EXIT_CODES;

interface CatalogueRow {
  readonly category: ErrorCategory;
  readonly retry: 'again' | 'never';
  /** What it means, for `docs/errors.md`. */
  readonly sentence: string;
  /** The next thing to type or look at, unless the place that throws knows better. */
  readonly hint?: string;
}

const row = (category: ErrorCategory, retry: 'again' | 'never', sentence: string, hint?: string): CatalogueRow => ({
  category,
  retry,
  sentence,
  ...(hint === undefined ? {} : { hint }),
});

export const ERRORS = {
  // usage and configuration
  usage: row('usage', 'never', 'The command was called in a way it does not understand.'),
  input_invalid: row('usage', 'never', 'The input object of a workflow or message has a wrong or missing field.'),
  name_unknown: row('config', 'never', 'A name is not in the inventory.', 'Run `pgconvoy config check` to see the names there are.'),
  inventory_missing: row('config', 'never', 'The inventory file was not found.', 'Run `pgconvoy init` to write a sample.'),
  inventory_invalid: row('config', 'never', 'The inventory file has errors.', 'Run `pgconvoy config check`; it names every one with its line.'),
  secret_missing: row('config', 'never', 'A secret reference could not be resolved.', 'Set the environment variable, or create the file, that the reference names.'),
  setting_invalid: row('config', 'never', 'A process setting has a value it cannot have.'),
  // what has to be there
  program_missing: row('environment', 'never', 'A program that is needed is not installed.', 'Run `npm run setup`.'),
  program_failed: row('environment', 'again', 'A program ended with an error.'),
  temporal_unreachable: row('environment', 'again', 'The Temporal server did not answer.', 'Run `pgconvoy status`; `pgconvoy up` starts the embedded one.'),
  catalog_unreachable: row('environment', 'again', 'The catalog database did not answer.', 'Run `pgconvoy status`; `pgconvoy up` starts the embedded one.'),
  catalog_too_new: row('environment', 'never', 'The catalog was written by a newer pgconvoy.', 'Use the newer version; catalogs are not migrated backwards.'),
  port_in_use: row('environment', 'never', 'A port is taken by another program.'),
  // servers
  server_unreachable: row('precondition', 'again', 'A connection to a server could not be made.', 'Is the server up, is the host and port right, is there a firewall between?'),
  authentication_failed: row('precondition', 'never', 'A server refused the role or its password.', 'Check the secret the inventory refers to, and the pg_hba.conf line for this host.'),
  tls_failed: row('precondition', 'never', 'The TLS conversation with a server could not be set up as demanded.', 'Check `tls.mode` and `tls.ca`; verify-full needs the host name in the certificate.'),
  database_missing: row('precondition', 'never', 'A database does not exist.'),
  too_many_connections: row('precondition', 'again', 'A server has no connection left for us.', 'Raise max_connections, or lower `copy.lanes`.'),
  privilege_missing: row('precondition', 'never', 'Our role may not do what the step needs.', 'Run `pgconvoy grants <server>` for the SQL that grants the least.'),
  connection_lost: row('source', 'again', 'A connection broke in the middle of a step.'),
  lock_timeout: row('source', 'again', 'A lock was not granted in time.'),
  query_failed: row('bug', 'never', 'A server rejected a statement of ours.'),
  disk_full: row('target', 'again', 'A server has no disk space left.', 'Free or add space; the step goes on by itself.'),
  preflight_failed: row('precondition', 'never', 'A preflight rule found a blocking problem.', 'Run `pgconvoy check <migration>`; each problem comes with its remedy.'),
  target_not_empty: row('precondition', 'never', 'The target already holds objects that are not from this run.', 'Choose an empty database; nothing that exists is ever overwritten.'),
  identity_choice_missing: row('precondition', 'never', 'A table has no replica identity and no choice was made for it.', 'Choose one under `noIdentity` of the migration.'),
  // slot, snapshot, replication
  slot_wait_exceeded: row('source', 'again', 'Creating the replication slot waited too long for old transactions.', 'End the transactions that are named, or wait; the step is tried again.'),
  slot_lost: row('source', 'never', 'The replication slot is gone or was invalidated.', 'The copy has to be taken again: abort and start anew, with more max_slot_wal_keep_size.'),
  snapshot_lost: row('source', 'never', 'The connection that held the exported snapshot has ended.'),
  subscription_failed: row('target', 'again', 'The subscription on the target does not run.', 'Look at the server log of the target; the apply worker writes its error there.'),
  catch_up_stalled: row('target', 'again', 'The target has not applied anything for too long.'),
  copy_failed: row('target', 'never', 'A row or a table could not be copied.'),
  schema_failed: row('target', 'never', 'An object could not be created on the target.'),
  schema_changed: row('source', 'never', 'Tables of the source were changed while the migration was under way.', 'Abort and start anew; or undo the change on the source, then approve again.'),
  // verification and cutover
  verification_failed: row('verification', 'never', 'Source and target differ.'),
  cutover_reverted: row('source', 'never', 'The cutover did not fit in its budget and was taken back; the source serves as before.', 'Look at the step that took long, then approve again.'),
  fence_unconfirmed: row('source', 'never', 'Foreign sessions remained after the fence.'),
  route_failed: row('target', 'never', 'The route switch hook failed.'),
  // backups
  backup_unknown: row('usage', 'never', 'There is no such backup.', 'Run `pgconvoy backup list`.'),
  dump_failed: row('source', 'again', 'A database could not be dumped.'),
  dump_locked: row('source', 'again', 'A dump waited too long for a lock on a table.', 'End the transaction that holds it, or back up at another time; the dump is tried again.'),
  staging_full: row('environment', 'again', 'The disk where a dump waits for its upload is full.', 'Free space there, or name another folder under `staging` of the policy.'),
  backup_damaged: row('verification', 'never', 'What is stored of a backup is not what was written.', 'Restore an older backup that was proven: `pgconvoy backup list`.'),
  backup_key_missing: row('config', 'never', 'A backup is encrypted or signed with a key that the inventory does not list.', 'Add the key under `keys`; keys that are no longer used stay listed as long as their backups are kept.'),
  backup_key_invalid: row('config', 'never', 'A key for backups is not 32 bytes in base64.', 'Run `pgconvoy backup keygen` for a new one.'),
  restore_incomplete: row('target', 'never', 'A backup could not be restored as a whole; what came of it is kept apart.'),
  proof_failed: row('verification', 'never', 'A backup was restored and is not what was dumped.', 'Run `pgconvoy backup show`; it says what was found. Take a new backup now.'),
  // clusters
  cluster_unfit: row('precondition', 'never', 'A node or a cluster is not as the step needs it; each reason comes with its rule.', 'Run `pgconvoy cluster show <cluster>`; it lists the problems with remedies.'),
  drill_refused: row('precondition', 'never', 'A drill may not begin.', 'Each closed gate is named; `--dry-run` lists them.'),
  node_failed: row('target', 'again', 'A server of a cluster could not be started, stopped or changed.', 'Read the server log that is named.'),
  rewind_impossible: row('target', 'never', 'A node cannot be rewound.', 'Run `pgconvoy cluster rejoin --clone`; the old data directory is moved aside, never deleted.'),
  clone_damaged: row('verification', 'again', 'A base backup is not what its source sent; it is taken anew.'),
  agent_silent: row('precondition', 'again', 'The agent of a node does not take orders.', 'Is `pgconvoy worker --role node:<name>` running on its host, and does it reach Temporal?'),
  epoch_refused: row('precondition', 'never', 'An order came from an operation that a later one has superseded.', 'Nothing is to be done: the later operation decides.'),
  cluster_unknown: row('usage', 'never', 'Nobody has made or registered this cluster yet.', 'Run `pgconvoy cluster init <cluster>`, or `pgconvoy cluster register` for servers that are there.'),
  cluster_held: row('usage', 'never', 'Another operation works on the cluster.', 'Wait for it, or look at it in Temporal; `pgconvoy cluster show` names it.'),
  switchover_reverted: row('target', 'never', 'The write-blocked window of a switchover was taken back before the promotion; the old primary serves as before.', 'Look at the step that is named, then run the switchover again.'),
  // run control
  aborted: row('interrupted', 'never', 'The run was aborted by an operator.'),
  already_running: row('usage', 'never', 'A run of this kind is already under way.'),
  run_unknown: row('usage', 'never', 'There is no such run.', 'Run `pgconvoy migrate list`.'),
  schedule_unknown: row('usage', 'never', 'A policy has no schedule in force.', 'Run `pgconvoy schedule apply`; `pgconvoy schedule list` shows what there is.'),
  not_now: row('usage', 'never', 'The order does not fit the phase the run is in.'),
  undo_incomplete: row('bug', 'never', 'Not everything that was made could be removed.'),
  store_failed: row('storage', 'again', 'The object store did not take or give an object.'),
  store_refused: row('storage', 'never', 'The object store refused our key, token or account.', 'Check `key` or `sas` of the store in the inventory.'),
  management_failed: row('environment', 'again', 'The management of a cloud account did not answer, or not as it should.'),
  management_refused: row('environment', 'never', 'The management of a cloud account refused our identity, or does not know the account.', 'Check `management` of the store in the inventory.'),
  object_exists: row('storage', 'never', 'An object of that name is in the store already; none is ever replaced.'),
  retention_refused: row('storage', 'never', 'The store keeps objects that retention has deleted.', 'Look for an immutability policy or a legal hold on the container.'),
  object_missing: row('storage', 'never', 'An object is not in the store.'),
  audit_broken: row('verification', 'never', 'The chain of audit events does not hold.'),
  interrupted: row('interrupted', 'never', 'The command was interrupted.'),
  bug: row('bug', 'never', 'Something happened that cannot happen.', 'Please report it with the output.'),
} as const satisfies Record<string, CatalogueRow>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorFields {
  /** Full sentences: the reason, as exact as it is known. */
  readonly detail?: string | undefined;
  /** The next thing to type or look at; the catalogue's, when absent. */
  readonly hint?: string | undefined;
  /** Flat facts for machines. Never a secret. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  readonly cause?: unknown;
}

/** The one error class. `message`: lower case, no full stop, names the object and its kind. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly context: ErrorFields['context'];

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.detail = fields.detail;
    this.hint = fields.hint ?? catalogueRow(code).hint;
    this.context = fields.context;
  }
}

/** The catalogue's row of a code. */
export const catalogueRow = (code: ErrorCode): CatalogueRow => ERRORS[code];

/** Whether a string (for example the `type` of an ApplicationFailure) is one of our codes. */
export const isErrorCode = (text: string | undefined | null): text is ErrorCode =>
  typeof text === 'string' && Object.hasOwn(ERRORS, text);

/** The exit code of a command that ends with this condition. */
export const exitCodeOf = (code: ErrorCode): number => EXIT_CODES[catalogueRow(code).category];

/** The error as flat JSON, the same for `--json`, ApplicationFailure details and the audit. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  detail?: string;
  hint?: string;
  context?: Record<string, string | number | boolean | null>;
}

/** Any thrown value as an {@link ErrorReport}; what is not ours becomes `bug`. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof OperationError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.context === undefined ? {} : { context: { ...error.context } }),
    };
  }
  return { code: 'bug', message: error instanceof Error ? error.message : String(error) };
}
