import { expect, it } from 'vitest';

import type { ArchiveToc, TocEntry } from '../../../domain/backup/archive-toc.ts';
import { databaseStatements } from '../../../domain/backup/database-entries.ts';

const entry = (kind: string, tag: string, definition: string): TocEntry => ({ id: 1, catalog: 0, object: 0, tag, kind, section: 'none', definition, schema: null, tablespace: null, owner: null, needs: [], file: null });
const toc = (database: string, entries: TocEntry[]): ArchiveToc => ({ database, serverVersion: '15.18', clientVersion: '18.4', encoding: 'UTF8', entries });

it('B16 says of another database what pg_dump says of the one it read, and only there', () => {
  const statements = databaseStatements(
    toc('shop', [
      entry('DATABASE PROPERTIES', 'shop', "ALTER DATABASE shop SET work_mem TO '5MB';\nALTER ROLE \"odd role\" IN DATABASE shop SET search_path TO 'ALTER DATABASE shop SET';\nALTER DATABASE shop CONNECTION LIMIT 7;\n"),
      entry('ACL', 'DATABASE shop', 'REVOKE CONNECT,TEMPORARY ON DATABASE shop FROM PUBLIC;\nGRANT ALL ON DATABASE shop TO clerk;\n'),
      entry('COMMENT', 'DATABASE shop', "COMMENT ON DATABASE shop IS 'COMMENT ON DATABASE shop IS';\n"),
      entry('COMMENT', 'EXTENSION shop', "COMMENT ON EXTENSION shop IS 'other';\n"),
    ]),
    '"new shop"',
  );
  expect(statements).toEqual({
    properties: ["ALTER DATABASE \"new shop\" SET work_mem TO '5MB';\nALTER ROLE \"odd role\" IN DATABASE \"new shop\" SET search_path TO 'ALTER DATABASE shop SET';\nALTER DATABASE \"new shop\" CONNECTION LIMIT 7;\n"],
    grants: ['REVOKE CONNECT,TEMPORARY ON DATABASE "new shop" FROM PUBLIC;\nGRANT ALL ON DATABASE "new shop" TO clerk;\n'],
    comment: "COMMENT ON DATABASE \"new shop\" IS 'COMMENT ON DATABASE shop IS';\n",
  });
});

it('knows a name in quotes', () => {
  const statements = databaseStatements(toc('a "b"', [entry('COMMENT', 'DATABASE "a ""b"""', `COMMENT ON DATABASE "a ""b""" IS 'c';\n`)]), 'd');
  expect(statements.comment).toBe("COMMENT ON DATABASE d IS 'c';\n");
});
