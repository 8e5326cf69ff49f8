import { appendAudit } from '../../catalog/audit.ts';
import { changeBackup, listBackups, type BackupRow } from '../../catalog/backups.ts';
import { readNow } from '../../catalog/retention-question.ts';
import { mustBeSigned } from '../../domain/backup/must-be-signed.ts';
import { BACKUP_STATES, isWhole } from '../../domain/backup/states.ts';
import { hasManifest, INVENTORY_KINDS, judgeFolder, missingFolder, placeOf, type FoundManifest, type InventoryFinding, type InventoryKind, type StoredFolder } from '../../domain/backup/store-inventory.ts';
import { OperationError, reportOf, type ErrorReport } from '../../domain/errors.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { adoptBackup } from './adopt-backup.ts';
import { emptyFolder } from './empty-folder.ts';

export interface InventoryOrder {
  readonly runId: string;
  /** A name under `stores` of the inventory. */
  readonly store: string;
  /** Write backups that the catalog does not know into it. */
  readonly adopt: boolean;
  /** Remove what belongs to no backup. */
  readonly sweep: boolean;
  readonly requestedBy: string;
}

export interface StoreInventory {
  readonly counts: Readonly<Partial<Record<InventoryKind, number>>>;
  /** All but what is whole, at most {@link SHOWN}. */
  readonly findings: readonly InventoryFinding[];
  /** Backups that do not count any more, because the store has not all of them. */
  readonly degraded: readonly string[];
  readonly adopted: readonly string[];
  readonly swept: readonly string[];
  /** Objects of the store that are no part of a backup, such as dumps of schemas. */
  readonly others: number;
}

const SHOWN = 200;

/** Compares a store with the catalog, both ways. A backup that is not all there does not count any more; the rest is only told, unless the order says so. */
export const takeInventory =
  (deps: Dependencies) =>
  async (order: InventoryOrder): Promise<StoreInventory> => {
    let seen = 0;
    return await beating(() => ({ store: order.store, objects: seen }), async () => {
      const store = deps.store(order.store);
      const rows = new Map((await listBackups(deps.catalog, { store: order.store, states: BACKUP_STATES })).map((row) => [row.prefix, row]));
      const now = await readNow(deps.catalog);
      const findings: InventoryFinding[] = [];
      const unseen = new Map([...rows].filter(([, { state }]) => isWhole(state)));
      const tally = { others: 0 };
      for await (const folder of foldersOf(store, tally, (count) => (seen += count))) {
        const row = rows.get(folder.prefix);
        const manifest = hasManifest(folder) ? await manifestOf(deps, store, folder, row) : undefined;
        findings.push(judgeFolder({ folder, manifest, state: row?.state, now }));
        unseen.delete(folder.prefix);
      }
      if (findings.length === 0 && unseen.size > 0) throw wrongStore(order.store, unseen.size);
      findings.push(...[...unseen.values()].map(missingFolder));
      return { ...(await act(deps, store, { order, rows, findings })), others: tally.others };
    });
  };

/** An edited address in the inventory is likelier than the loss of everything, and a backup that was rejected stays so. */
const wrongStore = (store: string, backups: number): OperationError =>
  new OperationError('object_missing', `store ${store} has no backup at all, and the catalog has ${backups} there`, { detail: 'Nothing was changed.', hint: `Is \`stores.${store}\` of the inventory the place that they were put into?` });

/** A listing comes in the order of names, so that each folder is whole when the next begins. */
async function* foldersOf(store: ObjectStore, tally: { others: number }, onSeen: (objects: number) => void): AsyncGenerator<StoredFolder> {
  let current: { backupId: string; prefix: string; objects: Map<string, number>; newestAt: string | null } | undefined;
  for await (const { name, bytes, modifiedAt } of store.list('')) {
    onSeen(1);
    const place = placeOf(name);
    if (place === undefined) {
      tally.others += 1;
      continue;
    }
    if (current !== undefined && current.prefix !== place.prefix) yield current;
    if (current?.prefix !== place.prefix) current = { backupId: place.backupId, prefix: place.prefix, objects: new Map(), newestAt: null };
    current.objects.set(place.below, bytes);
    if (modifiedAt !== null && (current.newestAt === null || modifiedAt > current.newestAt)) current.newestAt = modifiedAt;
  }
  if (current !== undefined) yield current;
}

async function manifestOf(deps: Dependencies, store: ObjectStore, { backupId, prefix }: StoredFolder, row: BackupRow | undefined): Promise<FoundManifest> {
  try {
    return { manifest: await readManifest(store, prefix, deps.keys(), { backupId, signed: (policy) => (row === undefined ? mustBeSigned(deps.inventory().backups, policy) : row.keyId !== null), ...(row?.manifestSha256 == null ? {} : { sha256: row.manifestSha256 }) }) };
  } catch (error) {
    // What fails for reasons of the store is tried again; only a verdict on the manifest is one on the backup.
    if (error instanceof OperationError && (error.code === 'backup_damaged' || error.code === 'backup_key_missing')) return { problem: reportOf(error) };
    throw error;
  }
}

interface Findings {
  readonly order: InventoryOrder;
  readonly rows: ReadonlyMap<string, BackupRow>;
  readonly findings: readonly InventoryFinding[];
}

async function act(deps: Dependencies, store: ObjectStore, { order, rows, findings }: Findings): Promise<Omit<StoreInventory, 'others'>> {
  const degraded: string[] = [];
  const adopted: string[] = [];
  const swept: string[] = [];
  for (const finding of findings) {
    const row = rows.get(finding.prefix);
    if (finding.kind === 'damaged' && row !== undefined && isWhole(row.state)) degraded.push(await degrade(deps, order, finding));
    if (finding.kind === 'adoptable' && order.adopt) adopted.push(await adoptBackup(deps, order, finding));
    if (finding.kind === 'leftover' && order.sweep) swept.push(await sweep(deps, store, order, finding));
  }
  const counts = Object.fromEntries(INVENTORY_KINDS.flatMap((kind) => {
    const count = findings.filter((finding) => finding.kind === kind).length;
    return count === 0 ? [] : [[kind, count]];
  }));
  return { counts, findings: findings.filter(({ kind }) => kind !== 'whole').slice(0, SHOWN), degraded, adopted, swept };
}

async function degrade(deps: Dependencies, { runId, requestedBy }: InventoryOrder, { backupId, evidence }: InventoryFinding): Promise<string> {
  const error: ErrorReport = { code: 'backup_damaged', message: `the store has not all of backup ${backupId}`, detail: evidence };
  await changeBackup(deps.catalog, backupId, { state: 'rejected', error });
  await appendAudit(deps.catalog, { eventId: `degraded/${runId}/${backupId}`, actor: requestedBy, action: 'backup.reject', object: `backup ${backupId}`, runId, detail: { evidence }, result: 'done' });
  return backupId;
}

async function sweep(deps: Dependencies, store: ObjectStore, { runId, requestedBy }: InventoryOrder, finding: InventoryFinding): Promise<string> {
  const emptied = await emptyFolder(store, finding, () => undefined);
  await appendAudit(deps.catalog, { eventId: `swept/${runId}/${finding.backupId}`, actor: requestedBy, action: 'backup.sweep', object: `folder ${finding.prefix}`, runId, detail: { evidence: finding.evidence, ...emptied }, result: 'done' });
  return finding.prefix;
}
