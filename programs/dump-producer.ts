import type { ArchiveToc } from '../domain/backup/archive-toc.ts';
import type { FileKind } from '../domain/backup/manifest.ts';

/** One file of a dump. Its content may be read while it grows; it throws, and never just ends, when the dump fails. */
export interface ProducedFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly content: AsyncIterable<Buffer>;
}

export interface DumpEnd {
  /** For example `18.4`. */
  readonly clientVersion: string;
  /** Of a directory; of other formats it is not read. */
  readonly toc: ArchiveToc | undefined;
  /** The most that was allocated on the staging disk at once. */
  readonly peakStagingBytes: number;
  /** Seconds in which the dump was held up because staging was full: the store is slower than the server then. */
  readonly heldUpSeconds: number;
}

export interface DumpProgress {
  readonly files: number;
  readonly rawBytes: number;
  readonly stagedBytes: number;
  readonly heldUp: boolean;
}

/**
 * Where the files of a dump come from. Whoever reads takes at least {@link DumpProducer.width} files at once, since that
 * many grow together. Nothing that was read counts before `ended` has resolved: only then did the dump end well.
 */
export interface DumpProducer extends AsyncDisposable {
  readonly width: number;
  files(): AsyncIterable<ProducedFile>;
  /** Rejects with `dump_failed`, `staging_full` or `interrupted`. */
  readonly ended: Promise<DumpEnd>;
  progress(): DumpProgress;
}
