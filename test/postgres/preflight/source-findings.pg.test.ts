import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PreflightReport } from '../../../domain/preflight/report.ts';
import { freshDatabase, testServer, type FreshDatabase } from '../../support/postgres.ts';
import { uniqueName } from '../../support/unique-name.ts';
import { askBoth, problemsOf } from './ask-both.ts';

const PLANT = `
  CREATE TABLE public.heap (a int, doc json);
  CREATE TABLE public.indexed (id int NOT NULL);
  CREATE UNIQUE INDEX indexed_id ON public.indexed (id);
  CREATE TABLE public.full_json (id int, doc json, list point[]); ALTER TABLE public.full_json REPLICA IDENTITY FULL;
  CREATE TABLE public.full_fine (id int, name varchar(10), tags text[], day date, net cidr); ALTER TABLE public.full_fine REPLICA IDENTITY FULL;
  CREATE TABLE public.nothing (id int PRIMARY KEY); ALTER TABLE public.nothing REPLICA IDENTITY NOTHING;
  CREATE TABLE public.index_gone (id int PRIMARY KEY, k int NOT NULL); CREATE UNIQUE INDEX gone ON public.index_gone (k);
  ALTER TABLE public.index_gone REPLICA IDENTITY USING INDEX gone; DROP INDEX public.gone;
  CREATE TABLE public.late (id int PRIMARY KEY DEFERRABLE);
  CREATE TABLE public."Mixed ""Case" (id int PRIMARY KEY); CREATE TABLE public."mixed ""case" (id int PRIMARY KEY);
  CREATE UNLOGGED TABLE public.cache (id int PRIMARY KEY);
  CREATE TABLE public.ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
  CREATE TABLE public.parent (id int PRIMARY KEY); CREATE TABLE public.child (PRIMARY KEY (id)) INHERITS (public.parent);
  CREATE TABLE public.parts (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE public.part_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (9);
  CREATE FUNCTION public.act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER always_on BEFORE INSERT ON public.ident FOR EACH ROW EXECUTE PROCEDURE public.act(); ALTER TABLE public.ident ENABLE ALWAYS TRIGGER always_on;
  ALTER TABLE public.ident ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
  CREATE FUNCTION public.slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
  CREATE TABLE public.named (id int PRIMARY KEY, name text); CREATE INDEX named_slug ON public.named (public.slug(name));
  CREATE MATERIALIZED VIEW public.totals AS SELECT count(*) FROM public.named;
  CREATE CAST (public.named AS text) WITH INOUT;
  CREATE TABLE public.sizes (id int PRIMARY KEY); ALTER TABLE public.parts ADD CONSTRAINT sized FOREIGN KEY (id) REFERENCES public.sizes;
  CREATE TABLE public.reviews (id int PRIMARY KEY, reviewer regrole, allowed aclitem[]);
  CREATE PUBLICATION everything FOR ALL TABLES;
  CREATE SCHEMA pgconvoy_old;
  CREATE FOREIGN DATA WRAPPER far_wrapper; CREATE SERVER far FOREIGN DATA WRAPPER far_wrapper;
  CREATE FOREIGN TABLE public.far_table (id int) SERVER far; CREATE USER MAPPING FOR PUBLIC SERVER far;`;

/** The oldest and the newest major that are at hand; what changed in the catalogs between them is asked by major. */
describe.each([11, 18])('preflight asks a source of PostgreSQL %i', (major) => {
  let source: FreshDatabase;
  let report: PreflightReport;
  const found = (id: string): string | undefined => problemsOf(report)[id];

  beforeAll(async () => {
    source = await freshDatabase(await testServer(major));
    await using session = await source.session();
    await session.execute(PLANT);
    await session.execute('SELECT lo_create(0)');
    if (major >= 12) await session.execute('CREATE TABLE public.derived (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)');
    report = await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent') });
  });
  afterAll(() => source.drop());

  it('F1 names tables without identity, and an index that could be one', () => {
    expect(found('table-identity')).toBe('2 tables have no primary key: public.heap, public.indexed.');
    expect(report.rules.find(({ id }) => id === 'table-identity')?.remedy).toContain('ALTER TABLE "public"."indexed" REPLICA IDENTITY USING INDEX "indexed_id";');
    expect(report.canProceed).toBe(false);
  });

  it('F1 accepts a choice for each of them', async () => {
    const choices = { 'public.heap': 'insert-only', 'public.ind*': 'full', 'public.full_json': 'skip', 'public.nothing': 'full', 'public.index_gone': 'full', 'public.late': 'full' } as const;
    const chosen = await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent'), request: { noIdentity: choices } });
    expect(problemsOf(chosen)).not.toHaveProperty('table-identity');
    expect(problemsOf(chosen)).not.toHaveProperty('full-identity-types');
    expect(chosen.blocking).toBe(0);
  });

  it('F2 names columns that cannot be compared, and no others', () => {
    expect(found('full-identity-types')).toContain('public.full_json (doc json, list point[])');
    expect(found('full-identity-types')).not.toContain('full_fine');
  });

  it('F3 names identities that are NOTHING or gone', () => expect(found('table-identity-lost')).toContain('public.index_gone, public.nothing'));
  it('F4 names deferrable keys', () => expect(found('table-identity-deferrable')).toContain('public.late'));
  it('F8 names generated columns', () => expect(found('generated-columns') ?? 'public.derived').toContain('public.derived'));
  it('F9 names identity columns', () => expect(found('identity-always-columns')).toContain('public.ident'));
  it('F15 names what differs in case only', () => expect(found('clashing-names')).toContain('public.Mixed "Case, public.mixed "case'));
  it('F16 names own casts', () => expect(found('custom-objects')).toContain('cast to text'));
  it('F17 names partitioned tables', () => expect(found('partitioned-tables')).toContain('public.parts'));
  it('F23 names foreign keys through which a TRUNCATE … CASCADE cannot be applied', () => expect(found('truncate-cascade')).toContain('sized of public.parts to public.sizes'));
  it('F33 names columns that name roles, when roles are mapped, and mapped roles that there are not', async () => {
    expect(found('roles-in-rows')).toBeUndefined();
    const mapping = await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent'), request: { roles: { Nobody: 'x' } } });
    expect(problemsOf(mapping)['roles-in-rows']).toContain('2 columns hold names of roles');
    expect(problemsOf(mapping)['roles-in-rows']).toContain('public.reviews.allowed, public.reviews.reviewer');
    expect(problemsOf(mapping)['mapped-roles']).toContain('Nobody');
    expect(problemsOf(mapping)).not.toHaveProperty('mapped-superusers');
    const toOrdinary = await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent'), request: { roles: { postgres: 'pg_monitor' } } });
    expect(problemsOf(toOrdinary)['mapped-superusers']).toMatch(/^2 objects .*: foreign-data wrapper far_wrapper, publication everything\.$/);
  });
  it('F27 names tables of extensions with rows of users, by the condition of the extension', async () => {
    expect(found('extension-rows')).toBeUndefined();
    await using session = await source.session();
    await session.execute("CREATE TABLE public.config (id int PRIMARY KEY, mine boolean); INSERT INTO public.config VALUES (1, false)");
    await session.execute("UPDATE pg_extension SET extconfig = ARRAY['public.config'::regclass::oid], extcondition = ARRAY['WHERE mine'] WHERE extname = 'plpgsql'");
    const ask = async (): Promise<string | undefined> => problemsOf(await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent') }))['extension-rows'];
    expect(await ask()).toBeUndefined();
    await session.execute('INSERT INTO public.config VALUES (2, true)');
    expect(await ask()).toContain('plpgsql: public.config');
    await session.execute("UPDATE pg_extension SET extconfig = NULL, extcondition = NULL WHERE extname = 'plpgsql'; DROP TABLE public.config");
  });
  it('F33 says which settings a database lacks that is on the target already', async () => {
    await using target = await freshDatabase(await testServer(18));
    await using session = await source.session();
    await session.execute(`ALTER DATABASE ${source.name} SET work_mem = '5MB'; ALTER DATABASE ${source.name} SET jit = off`);
    await using inside = await target.session();
    await inside.execute(`ALTER DATABASE ${target.name} SET jit = off`);
    const report = await askBoth({ source: source.server, target: target.server, database: source.name, targetDatabase: target.name });
    expect(problemsOf(report)['target-database-settings']).toMatch(/^1 settings .*: work_mem=5MB\.$/);
  });
  it('F18 names parents of inheritance', () => expect(found('inherited-tables')).toMatch(/: public\.parent\.$/));
  it('F19 names unlogged tables', () => expect(found('unlogged-tables')).toContain('public.cache'));
  it('F20 names materialized views', () => expect(found('materialized-views')).toContain('public.totals'));
  it('F22 names triggers that fire on apply', () => expect(found('firing-triggers')).toContain('always_on on public.ident'));
  it('F25 names constraints that are not validated', () => expect(found('not-valid-constraints')).toContain('positive on public.ident'));
  it('F26 names functions that leave the search_path open', () => expect(found('search-path-functions')).toContain('public.slug'));
  it('F29 counts large objects', () => expect(found('large-objects')).toContain('1 large object'));
  it('F35 names foreign tables and user mappings', () => {
    expect(found('foreign-tables')).toContain('public.far_table');
    expect(found('user-mappings')).toContain('public on far');
  });
  it('F52 names publications of all tables', () => expect(found('source-publish-all')).toContain('everything'));
  it('F63 names leftovers', () => expect(found('source-leftovers')).toContain('schema pgconvoy_old'));

  it('looks only at what is in scope', async () => {
    const scope = { excludeSchemas: [], excludeTables: ['public.heap', 'public.in*'] };
    const scoped = await askBoth({ source: source.server, target: await testServer(18), database: source.name, targetDatabase: uniqueName('absent'), scope });
    expect(problemsOf(scoped)).not.toHaveProperty('table-identity');
  });
});
