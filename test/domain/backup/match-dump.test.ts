import { describe, expect, it } from 'vitest';

import type { ArchiveToc, TocEntry } from '../../../domain/backup/archive-toc.ts';
import { matchDump, type DumpWitnesses } from '../../../domain/backup/match-dump.ts';

const entry = (object: number, tag: string, file: string | null): TocEntry => ({ id: object, catalog: 0, object, tag, kind: 'TABLE DATA', section: 'data', definition: '', schema: 'public', tablespace: null, owner: null, needs: [], file });
const tocOf = (...entries: TocEntry[]): ArchiveToc => ({ database: 'shop', serverVersion: '15.18', clientVersion: '18.4', encoding: 'UTF8', entries });
const table = (oid: number, name: string, dumped = true) => ({ oid, schema: 'public', name, columns: ['id'], dumped });

const GOOD: DumpWitnesses = {
  tables: [table(1, 'film'), table(2, 'remote', false)],
  rows: new Map([[1, 3]]),
  largeObjects: 1,
  toc: tocOf(entry(1, 'film', '7.dat')),
  files: new Map([['7.dat', { contentSha256: 'aa', lines: 3 }], ['blob_9.dat', { contentSha256: null, lines: 0 }], ['blobs_8.toc', { contentSha256: null, lines: 1 }]]),
};

describe('what pg_dump wrote, held against what the server says', () => {
  it('agrees, and names the file of each table by its OID', () => {
    expect(matchDump(GOOD)).toEqual({
      problems: [],
      tables: [
        { schema: 'public', name: 'film', file: '7.dat', columns: ['id'], rows: 3, contentSha256: 'aa' },
        { schema: 'public', name: 'remote', file: null, columns: ['id'], rows: 0, contentSha256: null },
      ],
    });
  });

  it.each<[string, Partial<DumpWitnesses>, RegExp]>([
    ['B11 a table that is not in the dump', { toc: tocOf() }, /film is not in the dump/],
    ['B11 a table whose file did not come', { files: new Map([['blob_9.dat', { contentSha256: null, lines: 0 }]]) }, /film is not in the dump/],
    ['B6 a file that was cut at the end of a row', { files: new Map([...GOOD.files, ['7.dat', { contentSha256: null, lines: 2 }]]) }, /does not end/],
    ['B6 a file with fewer rows than the table', { files: new Map([...GOOD.files, ['7.dat', { contentSha256: 'aa', lines: 2 }]]) }, /has 3 rows, and its file 7.dat has 2/],
    ['a table that was never counted', { rows: new Map() }, /has -1 rows/],
    ['a table that the catalog does not know', { tables: [table(2, 'remote', false)] }, /which the catalog does not know/],
    ['large objects that are missing', { largeObjects: 2 }, /has 2 large objects, and the dump 1/],
  ])('refuses %s', (_title, change, problem) => {
    expect(matchDump({ ...GOOD, ...change }).problems.join('\n')).toMatch(problem);
  });
});
