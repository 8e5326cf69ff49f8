import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { type BackupManifest, DATA_END, type ManifestFile } from '../../../domain/backup/manifest.ts';
import { canonicalJson, toJson } from '../../../domain/canonical-json.ts';
import { cutIntoFrames, joinFrames } from './frames.ts';

/** Objects of a backup by their name below its folder. A mutation gives those it changes; undefined: removed. */
export type Objects = ReadonlyMap<string, Buffer>;
export type Changed = ReadonlyMap<string, Buffer | undefined>;

export interface Patient {
  readonly objects: Objects;
  /** The same database at another time: other rows, another data key. */
  readonly other: Objects;
  readonly manifest: BackupManifest;
  readonly random: (below: number) => number;
}

const MANIFEST = 'manifest.json';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const pick = <T>(items: readonly T[], random: Patient['random']): T => items[random(items.length)]!;
const only = (name: string, bytes: Buffer | undefined): Changed => new Map([[name, bytes]]);
const anyObject = ({ objects, random }: Patient): string => pick([...objects.keys()], random);
const anyFile = ({ manifest, random }: Patient): ManifestFile => pick(manifest.files, random);
const withManifest = (patient: Patient, change: (manifest: BackupManifest) => unknown): Buffer => Buffer.from(canonicalJson(toJson(change(structuredClone(patient.manifest)))));

/** Makes the manifest agree with a changed object, as far as somebody can who has no key. */
function forged(patient: Patient, file: ManifestFile, bytes: Buffer, raw: Partial<ManifestFile> = {}): Changed {
  const forgedManifest = withManifest(patient, (manifest) => ({ ...manifest, files: manifest.files.map((one) => (one.name === file.name ? { ...one, bytes: bytes.length, sha256: sha256(bytes), ...raw } : one)) }));
  return new Map([[file.object, bytes], [MANIFEST, forgedManifest]]);
}

/** The last rows of a file of rows are cut off, cleanly. */
async function withoutLastRows(patient: Patient, forge: boolean): Promise<Changed> {
  const { manifest, objects, random } = patient;
  const table = pick(manifest.tables.filter(({ rows }) => rows > 3), random);
  const file = manifest.files.find(({ name }) => name === table.file)!;
  const stored = objects.get(file.object)!;
  // Who has no key cannot look inside what is sealed, but can leave out whole frames.
  if (manifest.encryption !== null) {
    const { head, frames } = await cutIntoFrames(stored);
    const fewer = joinFrames({ head, frames: frames.slice(0, -1) });
    return forge ? forged(patient, file, fewer) : only(file.object, fewer);
  }
  const frames = (await cutIntoFrames(stored)).frames.map((frame) => zstdDecompressSync(frame));
  const rows = Buffer.concat(frames).toString('latin1').slice(0, -DATA_END.length).split('\n').slice(0, -1);
  const kept = Buffer.from(`${rows.slice(0, rows.length - 1 - random(Math.min(3, rows.length - 1))).join('\n')}\n${DATA_END}`, 'latin1');
  const again = zstdCompressSync(kept);
  return forge ? forged(patient, file, again, { rawBytes: kept.length, rawSha256: sha256(kept) }) : only(file.object, again);
}

async function framesOf(patient: Patient, change: (frames: Buffer[], random: Patient['random']) => Buffer[]): Promise<Changed> {
  const files = patient.manifest.files.filter(({ rawBytes }) => rawBytes > 9 * 1024 * 1024);
  const file = pick(files, patient.random);
  const { head, frames } = await cutIntoFrames(patient.objects.get(file.object)!);
  const bytes = joinFrames({ head, frames: change([...frames], patient.random) });
  return patient.random(2) === 0 ? only(file.object, bytes) : forged(patient, file, bytes);
}

const EMPTY_FRAME = zstdCompressSync(Buffer.alloc(0));
const SKIPPABLE_FRAME = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

/** Everything somebody with the store in their hands may do, and everything a disk may. */
export const MUTATIONS: Readonly<Record<string, (patient: Patient) => Promise<Changed> | Changed>> = {
  'one bit is another': (patient) => {
    const name = anyObject(patient);
    const bytes = Buffer.from(patient.objects.get(name)!);
    const at = patient.random(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << patient.random(8));
    return only(name, bytes);
  },
  'one bit is another, and the manifest agrees': (patient) => {
    const file = anyFile(patient);
    const bytes = Buffer.from(patient.objects.get(file.object)!);
    const at = patient.random(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << patient.random(8));
    return forged(patient, file, bytes);
  },
  'the end is cut off': (patient) => {
    const name = anyObject(patient);
    const bytes = patient.objects.get(name)!;
    return only(name, bytes.subarray(0, patient.random(bytes.length)));
  },
  'the end is cut off, and the manifest agrees': (patient) => {
    const file = anyFile(patient);
    const bytes = patient.objects.get(file.object)!;
    return forged(patient, file, bytes.subarray(0, patient.random(bytes.length)));
  },
  'the last rows are gone': (patient) => withoutLastRows(patient, false),
  'the last rows are gone, and the manifest agrees': (patient) => withoutLastRows(patient, true),
  'bytes come behind': (patient) => {
    const name = anyObject(patient);
    return only(name, Buffer.concat([patient.objects.get(name)!, Buffer.alloc(1 + patient.random(64), patient.random(256))]));
  },
  'a file is another file of the backup': (patient) => {
    const [file, other] = differentFiles(patient);
    return only(file.object, patient.objects.get(other.object)!);
  },
  'two files are exchanged': (patient) => {
    const [file, other] = differentFiles(patient);
    return new Map([[file.object, patient.objects.get(other.object)!], [other.object, patient.objects.get(file.object)!]]);
  },
  'two files are exchanged, and the manifest agrees': (patient) => {
    const [file, other] = differentFiles(patient);
    const facts = ({ bytes, sha256: hash, rawBytes, rawSha256 }: ManifestFile) => ({ bytes, sha256: hash, rawBytes, rawSha256 });
    const swapped = withManifest(patient, (manifest) => ({ ...manifest, files: manifest.files.map((one) => (one.name === file.name ? { ...one, ...facts(other) } : one.name === other.name ? { ...one, ...facts(file) } : one)) }));
    return new Map([[file.object, patient.objects.get(other.object)!], [other.object, patient.objects.get(file.object)!], [MANIFEST, swapped]]);
  },
  'an object is gone': (patient) => only(anyObject(patient), undefined),
  'a file is of another backup': (patient) => {
    const file = pick(patient.manifest.files.filter(({ object }) => !patient.other.get(object)!.equals(patient.objects.get(object)!)), patient.random);
    return only(file.object, patient.other.get(file.object)!);
  },
  'a file is of another backup, and the manifest agrees': (patient) => {
    const file = pick(patient.manifest.files.filter(({ object }) => !patient.other.get(object)!.equals(patient.objects.get(object)!)), patient.random);
    const theirs = (JSON.parse(patient.other.get(MANIFEST)!.toString()) as BackupManifest).files.find(({ name }) => name === file.name)!;
    return forged(patient, file, patient.other.get(file.object)!, { rawBytes: theirs.rawBytes, rawSha256: theirs.rawSha256 });
  },
  'an object is there that nobody wrote': ({ random }) => only(`files/${9000 + random(1000)}.dat.zst`, EMPTY_FRAME),
  'the manifest has another number of rows': (patient) => only(MANIFEST, withManifest(patient, (manifest) => ({ ...manifest, tables: manifest.tables.map((table, index) => (index === 0 ? { ...table, rows: table.rows + 1 } : table)) }))),
  'the manifest leaves out a table': (patient) => only(MANIFEST, withManifest(patient, (manifest) => ({ ...manifest, tables: manifest.tables.slice(1) }))),
  'the manifest is of another time': (patient) => only(MANIFEST, withManifest(patient, (manifest) => ({ ...manifest, finishedAt: '2026-01-01T00:00:00.000Z' }))),
  'the manifest has lost its signature': (patient) => only(MANIFEST, patient.manifest.signature === null ? Buffer.from('{}') : withManifest(patient, (manifest) => ({ ...manifest, signature: null }))),
  'the manifest says that nothing is sealed': (patient) => only(MANIFEST, withManifest(patient, (manifest) => ({ ...manifest, encryption: null, signature: null, archive: { ...manifest.archive, jobs: 9 }, files: manifest.files.map((file) => ({ ...file, object: file.object.replace('.sealed', '') })) }))),
  'the manifest is of another backup': ({ other }) => only(MANIFEST, other.get(MANIFEST)!),
  'the manifest is written in another way': (patient) => only(MANIFEST, Buffer.from(JSON.stringify(patient.manifest, null, 1 + patient.random(4)))),
  'a frame is there twice': (patient) => framesOf(patient, (frames, random) => {
    const at = random(frames.length);
    return frames.toSpliced(at, 0, frames[at]!);
  }),
  'a frame is missing': (patient) => framesOf(patient, (frames, random) => frames.toSpliced(random(frames.length), 1)),
  'frames are in another order': (patient) => framesOf(patient, (frames, random) => {
    const at = random(frames.length - 1);
    return frames.toSpliced(at, 2, frames[at + 1]!, frames[at]!);
  }),
  'an empty frame comes behind': (patient) => framesOf(patient, (frames) => [...frames, EMPTY_FRAME]),
  'a frame comes behind that readers pass over': (patient) => framesOf(patient, (frames) => [...frames, SKIPPABLE_FRAME]),
};

function differentFiles(patient: Patient): [ManifestFile, ManifestFile] {
  for (;;) {
    const [file, other] = [anyFile(patient), anyFile(patient)];
    if (!patient.objects.get(file.object)!.equals(patient.objects.get(other.object)!)) return [file, other];
  }
}
