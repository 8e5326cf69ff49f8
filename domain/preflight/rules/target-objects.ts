import { mappedRole } from '../../role-mapping.ts';
import { listNames, namesOf } from '../fact.ts';
import type { PreflightFacts } from '../facts.ts';
import { BOTH, ok, problem, unknown, whenKnown, whenNone, type Outcome, type Rule } from '../rule.ts';
import type { DatabaseSetting } from '../source-facts.ts';

/** Extensions that only work when their library is loaded at server start. */
const PRELOADED = new Set(['pg_stat_statements', 'pg_cron', 'pgaudit', 'timescaledb', 'citus', 'pg_hint_plan', 'auto_explain', 'pg_squeeze', 'pglogical']);

const settingText = ({ role, setting }: DatabaseSetting): string => (role === null ? setting : `${setting} (of ${role})`);

/** Whether the database on the target can take what the source has. */
export const targetObjectRules: readonly Rule[] = [
  {
    id: 'target-empty',
    title: 'The target database is empty',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F38'],
    decide: ({ target, request }) =>
      whenKnown([target.present], (present) =>
        whenNone(present, { none: `Nothing of anybody is in database ${request.target.database}.`, some: `${present.count} objects are in database ${request.target.database} already`, remedy: 'Choose an empty database under `targetDatabase`; nothing that exists is ever overwritten.' }),
      ),
  },
  {
    id: 'target-leftovers',
    title: 'Nothing of an earlier run is left on the target',
    severity: 'warning',
    modes: BOTH,
    answers: ['F38', 'F63'],
    decide: ({ target }) =>
      whenKnown([target.leftovers], (names) =>
        whenNone(names, { none: 'Nothing on the target begins with pgconvoy_.', some: `${names.count} things that begin with pgconvoy_ are on the target`, remedy: 'If no run is under way, `pgconvoy migrate abort <run>` removes them.' }),
      ),
  },
  {
    id: 'target-database-settings',
    title: 'A database that is there already has the settings of the source',
    severity: 'warning',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ source, target, request }) =>
      whenKnown([source.catalog, target.database, target.databaseSettings], ({ databaseSettings }, database, present) => {
        if (database === null) return ok('The database will be made, with the settings of the source.');
        const has = new Set(present.map(settingText));
        const missing = databaseSettings.map(({ role, setting }) => settingText({ role: role === null ? null : mappedRole(request.roles, role), setting })).filter((text) => !has.has(text));
        return whenNone(namesOf(missing), {
          none: `Database ${request.target.database} has every setting that the source's has.`,
          some: `${missing.length} settings of the database on the source are not those of ${request.target.database}, which is there already and stays as its owner set it`,
          remedy: `ALTER DATABASE "${request.target.database}" SET <name> = <value>; for those that the application needs, or let the migration make the database.`,
        });
      }),
  },
  {
    id: 'target-encoding',
    title: 'Both databases have the same encoding',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F31'],
    decide: ({ source, target }) =>
      whenKnown([source.database, target.database], (from, to) => {
        if (to === null) return ok(`The database will be made with encoding ${from.encoding}.`);
        const evidence = `The source is in ${from.encoding}, the target in ${to.encoding}.`;
        return from.encoding === to.encoding ? ok(evidence) : problem(evidence, `CREATE DATABASE <name> TEMPLATE template0 ENCODING '${from.encoding}'; and name it under \`targetDatabase\`.`);
      }),
  },
  {
    id: 'target-locale',
    title: 'Both databases sort alike',
    severity: 'warning',
    modes: BOTH,
    answers: ['F30'],
    decide: ({ source, target }) =>
      whenKnown([source.database, target.database], (from, to) => {
        if (to === null) return ok(`The database will be made with collation ${from.collate}.`);
        const evidence = `The source sorts by ${from.collate}/${from.ctype} (${from.provider}), the target by ${to.collate}/${to.ctype} (${to.provider}).`;
        return localeOf(from) === localeOf(to) ? ok(evidence) : problem(evidence, `CREATE DATABASE <name> TEMPLATE template0 LC_COLLATE '${from.collate}' LC_CTYPE '${from.ctype}'; or look at range partitions and ORDER BY on text.`);
      }),
  },
  {
    id: 'target-collations',
    title: 'Every collation in use exists on the target',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F30'],
    decide: ({ source, target }) =>
      whenKnown([source.catalog, target.collations], ({ collations }, present) => {
        const missing = collations.filter((name) => !present.includes(name));
        if (missing.length === 0) return ok(`${collations.length} collations are in use, all of which exist on the target.`);
        return problem(`${missing.length} collations in use are not on the target: ${listNames(namesOf(missing))}.`, "Install the locale on the target's host, then SELECT pg_import_system_collations('pg_catalog');");
      }),
  },
  {
    id: 'target-extensions',
    title: 'Every extension can be made on the target',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F27'],
    decide: ({ source, target }) =>
      whenKnown([source.catalog, target.extensions], ({ extensions }, offered) => {
        const missing = extensions.filter(({ name }) => !offered.some((one) => one.name === name));
        if (missing.length === 0) return ok(`${extensions.length} extensions, all of which the target offers.`);
        return problem(`The target does not offer ${listNames(namesOf(missing.map(({ name, version }) => `${name} ${version}`)))}.`, 'Install the package on the target, or DROP EXTENSION on the source where nothing uses it.');
      }),
  },
  {
    id: 'target-extension-versions',
    title: 'Extensions keep their version',
    severity: 'warning',
    modes: BOTH,
    answers: ['F27'],
    decide: ({ source, target }) =>
      whenKnown([source.catalog, target.extensions], ({ extensions }, offered) => {
        const other = extensions.flatMap(({ name, version }) => {
          const found = offered.find((one) => one.name === name);
          return found && !found.versions.includes(version) ? [`${name} ${version} (offered: ${found.versions.join(', ')})`] : [];
        });
        if (other.length === 0) return ok('The target offers the same version of each extension.');
        return problem(`${other.length} extensions come in another version: ${listNames(namesOf(other))}.`, 'Read the release notes of the extension; ALTER EXTENSION <name> UPDATE on the source first, if that is possible.');
      }),
  },
  {
    id: 'target-extensions-allowed',
    title: 'The provider allows every extension',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F27'],
    decide: (facts) => allowed(facts),
  },
  {
    id: 'target-preload',
    title: 'Libraries that load at server start are loaded',
    severity: 'warning',
    modes: BOTH,
    answers: ['F27', 'F28'],
    decide: ({ source, target }) =>
      whenKnown([source.catalog, target.settings], ({ extensions }, settings) => {
        const needed = extensions.map(({ name }) => name).filter((name) => PRELOADED.has(name));
        if (needed.length === 0) return ok('No extension in use has to be loaded at server start.');
        const preload = settings['shared_preload_libraries'];
        if (preload === undefined) return unknown('Our role may not see shared_preload_libraries of the target.', 'GRANT pg_read_all_settings to our role.');
        const missing = needed.filter((name) => !preload.value.split(/\s*,\s*/).includes(name));
        if (missing.length === 0) return ok(`${needed.join(', ')} are loaded at server start.`);
        return problem(`Not in shared_preload_libraries of the target: ${missing.join(', ')}.`, `ALTER SYSTEM SET shared_preload_libraries = '${[preload.value, ...missing].filter(Boolean).join(',')}'; and restart the target.`);
      }),
  },
  {
    id: 'target-untrusted-objects',
    title: 'Nothing needs a superuser to be made',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ source, target }) =>
      whenKnown([source.catalog, target.role], ({ untrustedFunctions, eventTriggers }, role) => {
        if (role.superuser) return ok(`Role ${role.name} is superuser on the target.`);
        const count = untrustedFunctions.count + eventTriggers.count;
        if (count === 0) return ok('There are no functions in untrusted languages and no event triggers.');
        const first = namesOf([...untrustedFunctions.first, ...eventTriggers.first]).first;
        return problem(`${count} functions in untrusted languages and event triggers need a superuser: ${listNames({ count, first })}.`, 'Drop them on the source where nothing uses them, or let a superuser make the schema.');
      }),
  },
];

const localeOf = ({ collate, ctype, provider }: { collate: string; ctype: string; provider: string }): string =>
  // en_US.UTF-8 and en_US.utf8 are one locale to the C library.
  [provider, collate, ctype].map((part) => part.toLowerCase().replaceAll(/utf-?8/g, 'utf8')).join('/');

/** Azure refuses CREATE EXTENSION for what its setting azure.extensions does not list, though the package is there. */
function allowed({ source, target, request }: PreflightFacts): Outcome {
  return whenKnown([source.catalog, target.settings], ({ extensions }, settings) => {
    if (request.target.provider !== 'azure') return ok('The target has no allow-list of extensions.');
    const list = settings['azure.extensions'];
    if (list === undefined) return unknown('Our role may not see azure.extensions.');
    const names = list.value.toLowerCase().split(/\s*,\s*/);
    const missing = extensions.map(({ name }) => name).filter((name) => name !== 'plpgsql' && !names.includes(name.toLowerCase()));
    if (missing.length === 0) return ok(`${extensions.length} extensions, all of which azure.extensions lists.`);
    return problem(`azure.extensions does not list ${listNames(namesOf(missing))}.`, `az postgres flexible-server parameter set --name azure.extensions --value ${[...names, ...missing].filter(Boolean).join(',')}`);
  });
}
