import { expect, it } from 'vitest';

import { connect } from '../../../postgres/connection.ts';
import { privateServer } from '../../support/cluster.ts';
import { dumpBed } from '../../support/dump-bed.ts';

it('B16 B17 B18 roles, memberships and settings come back on another server, twice, without a password in the file', async () => {
  await using from = await privateServer(15);
  await using to = await privateServer(18);
  await using session = await connect(from.server, { purpose: 'test' });
  await session.execute(`
    CREATE ROLE "Owner ""x""" LOGIN PASSWORD 'sesame-4711' CREATEDB CONNECTION LIMIT 7 VALID UNTIL '2031-01-01 00:00:00+00';
    CREATE ROLE readers NOLOGIN; CREATE ROLE bare;
    GRANT readers TO "Owner ""x""" WITH ADMIN OPTION;
    COMMENT ON ROLE readers IS 'who may''s read';
    ALTER ROLE bare SET search_path = app, "$user";
    ALTER ROLE bare SET statement_timeout = '3s';
    ALTER ROLE readers IN DATABASE postgres SET work_mem = '77MB';
    ALTER DATABASE postgres SET timezone = 'Europe/Berlin';
    CREATE TABLE public.t (id int); ALTER TABLE public.t OWNER TO "Owner ""x"""; GRANT SELECT ON public.t TO readers`);
  await using bed = await dumpBed({ source: from.server });
  const backupId = await bed.begin('postgres');
  await bed.dump(backupId);

  const manifest = await bed.manifest(backupId);
  expect(manifest.roles).toEqual(['Owner "x"', 'readers']);
  expect(manifest.source).toMatchObject({ settings: ['TimeZone=Europe/Berlin'], extensions: [{ name: 'plpgsql', schema: 'pg_catalog' }] });
  const sql = (await bed.file(backupId, 'globals.sql')).toString();
  expect(sql).not.toMatch(/sesame|SCRAM|md5|\\restrict/);

  await using target = await connect(to.server, { purpose: 'test' });
  for (let time = 0; time < 2; time += 1) await target.execute(sql);
  expect(await target.row(`SELECT rolcanlogin, rolcreatedb, rolsuper, rolconnlimit, rolvaliduntil = '2031-01-01 00:00:00+00' AS until FROM pg_roles WHERE rolname = 'Owner "x"'`)).toEqual({ rolcanlogin: true, rolcreatedb: true, rolsuper: false, rolconnlimit: 7, until: true });
  expect(await target.row(`SELECT admin_option FROM pg_auth_members WHERE roleid = 'readers'::regrole AND member = '"Owner ""x"""'::regrole`)).toEqual({ admin_option: true });
  expect(await target.row(`SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'bare'::regrole AND setdatabase = 0`)).toEqual({ setconfig: ['search_path=app, "$user"', 'statement_timeout=3s'] });
  expect(await target.row(`SELECT setconfig, shobj_description(setrole, 'pg_authid') AS comment FROM pg_db_role_setting WHERE setrole = 'readers'::regrole AND setdatabase <> 0`)).toEqual({ setconfig: ['work_mem=77MB'], comment: "who may's read" });
});
