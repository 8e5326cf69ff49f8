import { OperationError } from '../errors.ts';

/** What one entry of an archive is and how it is made, as pg_dump wrote it. Names are not quoted, statements are. */
export interface TocEntry {
  /** The number that `pg_restore --use-list` knows it by. */
  readonly id: number;
  /** OIDs of the catalog and of the object on the source. */
  readonly catalog: number;
  readonly object: number;
  /** `film`, `film film_pkey`, `add(integer, integer)`. */
  readonly tag: string;
  /** `TABLE`, `INDEX`, `FK CONSTRAINT`. */
  readonly kind: string;
  readonly section: TocSection;
  /** The statements that create it; empty for what has none. */
  readonly definition: string;
  /** Null for what lies in no schema. */
  readonly schema: string | null;
  readonly tablespace: string | null;
  readonly owner: string | null;
  /** Ids of the entries that come before it. */
  readonly needs: readonly number[];
  /** The file of the directory with its rows. */
  readonly file: string | null;
}

export type TocSection = 'none' | 'pre-data' | 'data' | 'post-data';
export interface ArchiveToc {
  readonly database: string;
  /** Of the server and of pg_dump, as each printed it. */
  readonly serverVersion: string;
  readonly clientVersion: string;
  /** Of all texts and rows, by PostgreSQL's name. */
  readonly encoding: string;
  readonly entries: readonly TocEntry[];
}

const SECTIONS: readonly TocSection[] = ['none', 'none', 'pre-data', 'data', 'post-data'];
/** Of the formats 1.12 (PostgreSQL 9.0 to 11) to 1.16 (from 17 on), which differ in a few fields only. */
const OLDEST = 12;
const NEWEST = 16;
const FIRST_WITH = { accessMethod: 14, compressionByte: 15, relationKind: 16 } as const;

/**
 * Reads the `toc.dat` of a directory archive: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/bin/pg_dump/pg_backup_archiver.c
 * (`ReadHead`, `ReadToc`). The list that pg_restore prints has neither what an entry needs nor its statements, and both are
 * needed to build indexes in lanes and to choose single tables. Error: `backup_damaged`.
 */
export function readToc(bytes: Uint8Array): ArchiveToc {
  const plain = readEncoded(bytes, 'SQL_ASCII');
  const encoding = /'(\w+)'/.exec(plain.entries.find(({ kind }) => kind === 'ENCODING')?.definition ?? '')?.[1] ?? 'UTF8';
  return readEncoded(bytes, encoding);
}

function readEncoded(bytes: Uint8Array, encoding: string): ArchiveToc {
  const reader = new TocReader(bytes, new TextDecoder(labelOf(encoding)));
  if (reader.ascii(5) !== 'PGDMP') throw unreadable('It does not begin as an archive does.');
  const [major, format] = [reader.byte(), reader.byte()];
  reader.byte();
  if (major !== 1 || format < OLDEST || format > NEWEST) throw unreadable(`Its format is ${major}.${format}; 1.${OLDEST} to 1.${NEWEST} can be read.`);
  reader.integerBytes = reader.byte();
  reader.byte(); // width of file offsets, of which a directory has none
  reader.byte(); // its kind: a directory says tar
  if (format >= FIRST_WITH.compressionByte) reader.byte();
  else reader.integer();
  for (let field = 0; field < 7; field += 1) reader.integer(); // when it was made, in the clock of the client
  const [database, serverVersion, clientVersion] = [reader.text() ?? '', reader.text() ?? '', reader.text() ?? ''];
  const count = reader.integer();
  if (count < 0 || count > bytes.length) throw unreadable(`It claims to have ${count} entries.`);
  const entries = Array.from({ length: count }, () => readEntry(reader, format));
  return { database, serverVersion, clientVersion, encoding, entries };
}

/** The name that the web knows an encoding by; of those it does not know, all that is ASCII is read right. */
function labelOf(encoding: string): string {
  const numbered = /^(LATIN|WIN)(\d+)$/.exec(encoding);
  if (numbered !== null) return `${numbered[1] === 'WIN' ? 'windows' : 'iso-8859'}-${numbered[2]}`;
  return { UTF8: 'utf-8', EUC_JP: 'euc-jp', EUC_KR: 'euc-kr', KOI8R: 'koi8-r', KOI8U: 'koi8-u', SJIS: 'shift_jis', BIG5: 'big5', GBK: 'gbk' }[encoding] ?? 'latin1';
}

function readEntry(reader: TocReader, format: number): TocEntry {
  const id = reader.integer();
  reader.integer(); // whether it has rows; those that do have a file
  const [catalog, object] = [Number(reader.text()), Number(reader.text())];
  const [tag, kind] = [reader.text() ?? '', reader.text() ?? ''];
  const section = SECTIONS[reader.integer()] ?? 'none';
  const definition = reader.text() ?? '';
  reader.text(); // how it is dropped
  reader.text(); // its COPY statement, without what depends on the target
  const [schema, tablespace] = [reader.text() || null, reader.text() || null];
  if (format >= FIRST_WITH.accessMethod) reader.text();
  if (format >= FIRST_WITH.relationKind) reader.integer();
  const owner = reader.text() || null;
  reader.text(); // whether it has OIDs, as tables had up to 11
  const needs: number[] = [];
  for (let one = reader.text(); one !== null; one = reader.text()) needs.push(Number(one));
  const file = reader.text() || null;
  return { id, catalog, object, tag, kind, section, definition, schema, tablespace, owner, needs, file };
}

type Decoder = InstanceType<typeof TextDecoder>;

/** Numbers are a sign and as many bytes as the head says, the lowest first; texts have their length in front, -1 for none. */
class TocReader {
  readonly #bytes: Uint8Array;
  readonly #decoder: Decoder;
  #at = 0;
  integerBytes = 4;

  constructor(bytes: Uint8Array, decoder: Decoder) {
    this.#bytes = bytes;
    this.#decoder = decoder;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw unreadable('It ends too early.');
    this.#at += 1;
    return value;
  }

  integer(): number {
    const negative = this.byte() === 1;
    let value = 0;
    for (let place = 0; place < this.integerBytes; place += 1) value += this.byte() * 256 ** place;
    return negative ? -value : value;
  }

  text(): string | null {
    const length = this.integer();
    if (length < 0) return null;
    return this.#decoder.decode(this.#take(length));
  }

  ascii(length: number): string {
    return this.#decoder.decode(this.#take(length));
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw unreadable('It ends too early.');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

const unreadable = (detail: string): OperationError => new OperationError('backup_damaged', 'toc.dat, the table of contents of the archive, cannot be read', { detail });
