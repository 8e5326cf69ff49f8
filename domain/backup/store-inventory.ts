import type { ErrorReport } from '../errors.ts';
import { type BackupManifest, MANIFEST_NAME } from './manifest.ts';
import { isUnfinished, type BackupState } from './states.ts';

/** The folder of one backup in a store, as a listing shows it. */
export interface StoredFolder {
  readonly backupId: string;
  readonly prefix: string;
  /** Bytes by name below the folder. */
  readonly objects: ReadonlyMap<string, number>;
  /** ISO 8601: when its youngest object was written; null where the store does not say. */
  readonly newestAt: string | null;
}

/** A manifest that was read and believed, or why not; absent when there is none. */
export type FoundManifest = { readonly manifest: BackupManifest } | { readonly problem: ErrorReport } | undefined;

/**
 * `whole`: store and catalog agree. `damaged`: the catalog has it, the store has not all of it. `adoptable`: a backup that
 * the catalog does not know. `unreadable`: its manifest is there and is not to be believed. `leftover`: objects that belong
 * to no backup, or to one that is gone. `young`: may be such, and may still be written. `under-way`, `expiring`: others work on it.
 */
export const INVENTORY_KINDS = ['whole', 'damaged', 'adoptable', 'unreadable', 'leftover', 'young', 'under-way', 'expiring'] as const;
export type InventoryKind = (typeof INVENTORY_KINDS)[number];

export interface InventoryFinding {
  readonly kind: InventoryKind;
  readonly backupId: string;
  readonly prefix: string;
  readonly objects: number;
  readonly bytes: number;
  /** One sentence. */
  readonly evidence: string;
}

/** Objects without a manifest are left alone for so long: blocks of a run that is resumed live for a week. */
export const YOUNG_MS = 7 * 86_400_000;

export interface FolderQuestion {
  readonly folder: StoredFolder;
  readonly manifest: FoundManifest;
  /** Of the catalog; undefined: it does not know the backup. */
  readonly state: BackupState | undefined;
  /** ISO 8601. */
  readonly now: string;
}

/** What a folder of the store is. */
export function judgeFolder(question: FolderQuestion): InventoryFinding {
  const { folder } = question;
  const [kind, evidence] = decide(question);
  return { kind, evidence, backupId: folder.backupId, prefix: folder.prefix, objects: folder.objects.size, bytes: [...folder.objects.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** A backup of which the store has nothing at all. */
export const missingFolder = (row: { readonly backupId: string; readonly prefix: string }): InventoryFinding => ({ kind: 'damaged', backupId: row.backupId, prefix: row.prefix, objects: 0, bytes: 0, evidence: 'Nothing of it is in the store.' });

function decide({ folder, manifest, state, now }: FolderQuestion): readonly [InventoryKind, string] {
  if (state === 'expiring') return ['expiring', 'Retention is removing it.'];
  if (state !== undefined && isUnfinished(state)) return ['under-way', 'Its run has not ended.'];
  if (state === 'failed' || state === 'deleted') return ['leftover', `Its backup ${state === 'failed' ? 'has failed' : 'was deleted'}.`];
  if (state !== undefined) return wholeOrDamaged(folder, manifest);
  if (manifest === undefined) return withoutManifest(folder, now);
  if ('problem' in manifest) return ['unreadable', `The catalog does not know it, and its manifest is not to be believed: ${told(manifest.problem)}`];
  const lost = lostFiles(folder, manifest.manifest);
  if (lost.length > 0) return ['unreadable', `The catalog does not know it, and it is not whole: ${listed(lost)}.`];
  return ['adoptable', `The catalog does not know this backup of ${manifest.manifest.database}, taken at ${manifest.manifest.snapshot.takenAt}.`];
}

const told = ({ message, detail }: ErrorReport): string => (detail === undefined ? `${message}.` : `${message}. ${detail}`);

function wholeOrDamaged(folder: StoredFolder, manifest: FoundManifest): readonly [InventoryKind, string] {
  if (manifest === undefined) return ['damaged', 'Its manifest is not in the store.'];
  // A key that is not at hand says nothing about the backup.
  if ('problem' in manifest) return manifest.problem.code === 'backup_damaged' ? ['damaged', told(manifest.problem)] : ['unreadable', told(manifest.problem)];
  const lost = lostFiles(folder, manifest.manifest);
  return lost.length === 0 ? ['whole', 'Every object of its manifest is there, in its size.'] : ['damaged', `${listed(lost)}.`];
}

function withoutManifest({ newestAt }: StoredFolder, now: string): readonly [InventoryKind, string] {
  if (newestAt !== null && Date.parse(now) - Date.parse(newestAt) >= YOUNG_MS) return ['leftover', `It has no manifest, and nothing was written to it since ${newestAt.slice(0, 10)}.`];
  return ['young', 'It has no manifest; a run may still be writing it.'];
}

function lostFiles({ objects }: StoredFolder, { files }: BackupManifest): string[] {
  return files.flatMap(({ object, bytes }) => {
    const found = objects.get(object);
    if (found === undefined) return [`object ${object} is gone`];
    return found === bytes ? [] : [`object ${object} has ${found} bytes, not ${bytes}`];
  });
}

const NAMED = 3;
const listed = (things: readonly string[]): string => {
  const text = things.slice(0, NAMED).join(', ') + (things.length > NAMED ? `, and ${things.length - NAMED} more` : '');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const FOLDER = /^((?:[^/]+\/){2}(\d{8}T\d{6}Z-[0-9a-f]{8})\/)(.+)$/;

/** The folder and the name below it of an object of a backup; undefined for an object of something else. */
export function placeOf(name: string): { readonly prefix: string; readonly backupId: string; readonly below: string } | undefined {
  const [, prefix, backupId, below] = FOLDER.exec(name) ?? [];
  return prefix === undefined || backupId === undefined || below === undefined ? undefined : { prefix, backupId, below };
}

export const hasManifest = ({ objects }: StoredFolder): boolean => objects.has(MANIFEST_NAME);
