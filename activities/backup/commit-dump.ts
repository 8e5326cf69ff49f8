import { MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { commitFile } from '../../storage/archive/commit-file.ts';
import type { StagedFile } from '../../storage/archive/stage-file.ts';
import type { FilePlace } from './stage-dump.ts';

const COMMITS_AT_ONCE = 8;

/** Makes objects of what was staged, and removes what an earlier attempt left under other names: its dump was of another moment. */
export async function commitDump({ store, prefix, signal }: FilePlace, staged: readonly StagedFile[]): Promise<void> {
  const waiting = staged.toSorted((a, b) => b.file.bytes - a.file.bytes);
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted();
      await commitFile(store, prefix, next, signal);
    }
  };
  await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, lane));
  const own = new Set(staged.map(({ file }) => prefix + file.object));
  const strangers: string[] = [];
  for await (const { name } of store.list(prefix)) if (!own.has(name) && name !== prefix + MANIFEST_NAME) strangers.push(name);
  if (strangers.length > 0) await store.deleteMany(strangers);
}
