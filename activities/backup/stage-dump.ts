import type { BackupCompression } from '../../domain/backup/manifest.ts';
import type { DumpProducer } from '../../programs/dump-producer.ts';
import type { DataKey } from '../../storage/archive/data-key.ts';
import { type StagedFile, stageFile } from '../../storage/archive/stage-file.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** Where the files of a backup go, and how. */
export interface FilePlace {
  readonly store: ObjectStore;
  readonly prefix: string;
  readonly backupId: string;
  readonly compression: BackupCompression;
  readonly dataKey: DataKey | undefined;
  readonly signal: AbortSignal;
  /** No earlier attempt can have left anything in the store. */
  readonly first: boolean;
}

/** Small files that wait for their commit in memory, all together; the rest is staged as blocks. */
const HELD_MOST = 16 * 2 ** 20;

/** Stages the files of a dump while they are written, as many at once as grow together. `tell`: bytes that the store has taken, in all. */
export async function stageDump(producer: DumpProducer, place: FilePlace, tell: (storedBytes: number) => void): Promise<StagedFile[]> {
  const staged: StagedFile[] = [];
  let storedInAll = 0;
  let held = 0;
  const mayHold = (bytes: number): boolean => {
    if (held + bytes > HELD_MOST) return false;
    held += bytes;
    return true;
  };
  const files = producer.files()[Symbol.asyncIterator]();
  const lane = async (): Promise<void> => {
    for (let next = await files.next(); next.done !== true; next = await files.next()) {
      const { name, kind, content } = next.value;
      let stored = 0;
      const onProgress = (_raw: number, bytes: number): void => {
        storedInAll += bytes - stored;
        stored = bytes;
        tell(storedInAll);
      };
      staged.push(await stageFile({ ...place, name, kind, content, mayHold, onProgress }));
    }
  };
  await Promise.all(Array.from({ length: producer.width }, lane));
  return staged;
}

/** A text of ours beside the dump. */
export const stageText = (place: FilePlace, name: string, text: string): Promise<StagedFile> => stageFile({ ...place, name, kind: 'globals', content: onePiece(text) });

async function* onePiece(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
}
