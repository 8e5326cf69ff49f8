import { mappedRole } from '../../role-mapping.ts';
import { listNames, namesOf } from '../fact.ts';
import type { PreflightFacts } from '../facts.ts';
import { BOTH, ok, problem, unknown, whenKnown, whenNone, type Rule } from '../rule.ts';

/** Whether those who own and use the source's objects can do so on the target. */
export const targetRoleRules: readonly Rule[] = [
  {
    id: 'target-roles',
    title: 'Owners and grantees exist on the target',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F32', 'F33'],
    decide: (facts) =>
      whenKnown([facts.source.catalog, facts.target.roles, facts.target.role], (_, present, role) => {
        const wanted = rolesWanted(facts);
        const missing = wanted.filter((name) => !present.some((one) => one.name === name));
        if (missing.length === 0) return ok(`${wanted.length} roles are needed, all of which exist.`);
        const evidence = `${missing.length} roles are missing on the target: ${listNames(namesOf(missing))}.`;
        const mapped = Object.values(facts.request.roles);
        if ((role.superuser || role.createRole) && !missing.some((name) => mapped.includes(name))) return ok(`${evidence} They will be made.`);
        return problem(evidence, `CREATE ROLE "${missing[0]}"; or map it under \`roles\`, or set \`owners: false\` and \`privileges: false\`.`);
      }),
  },
  {
    id: 'target-role-membership',
    title: 'Our role may give objects to their owners',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F33'],
    decide: (facts) =>
      whenKnown([facts.source.catalog, facts.target.roles, facts.target.role], (_, present, role) => {
        const owners = ownersWanted(facts);
        const closed = present.filter(({ name, assignable }) => owners.includes(name) && !assignable).map(({ name }) => name);
        if (closed.length === 0) return ok(`Role ${role.name} may give objects to all of ${owners.length} owners.`);
        return problem(`Role ${role.name} is not a member of ${closed.length} owners: ${listNames(namesOf(closed))}.`, `GRANT "${closed[0]}" TO "${role.name}"; or set \`owners: false\`.`);
      }),
  },
  {
    id: 'target-grantors',
    title: 'Our role may grant in the name of others',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F33'],
    decide: (facts) =>
      whenKnown([facts.source.catalog, facts.target.roles, facts.target.role], ({ grantors, defaultGrantors }, present, role) => {
        if (role.superuser || !facts.request.privileges) return ok('Everything can be granted as it is on the source.');
        // pg_restore becomes the other by SET SESSION AUTHORIZATION, which takes a superuser; where roles are mapped we do it by SET ROLE.
        const byArchive = Object.keys(facts.request.roles).length === 0 ? namesOf(grantors) : namesOf([]);
        if (byArchive.count > 0) return problem(`${byArchive.count} roles have granted something on objects of others: ${listNames(byArchive)}.`, 'Let the owners grant it instead, or set `privileges: false`.');
        const closed = present.filter(({ name, assignable }) => mapped(facts, [...grantors, ...defaultGrantors]).includes(name) && !assignable).map(({ name }) => name);
        if (closed.length === 0) return ok('Our role may grant in the name of everybody who has.');
        return problem(`Role ${role.name} is not a member of ${closed.length} roles that have granted something: ${listNames(namesOf(closed))}.`, `GRANT "${closed[0]}" TO "${role.name}"; or set \`privileges: false\`.`);
      }),
  },
  {
    id: 'target-public-schema',
    title: 'Owners may have objects in schema public',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F33'],
    decide: (facts) =>
      whenKnown([facts.source.catalog, facts.target.roles, facts.target.role, facts.target.mayGrantInPublic], ({ ownersInPublic }, present, role, mayGrant) => {
        // Only a superuser gives an object to a role that could not have made it there; the others let it in for the time being.
        if (role.superuser || mayGrant || !facts.request.owners) return ok('Objects in schema public can be given to their owners.');
        const closed = mapped(facts, ownersInPublic).filter((name) => name !== role.name && !present.some((one) => one.name === name && one.createsInPublic));
        if (closed.length === 0) return ok('Every owner of objects in schema public may create there.');
        return problem(`${closed.length} roles own objects in schema public and have no CREATE there on the target: ${listNames(namesOf(closed))}.`, `GRANT CREATE ON SCHEMA public TO "${closed[0]}"; in the database on the target, or make "${role.name}" a member of the owner of the schema.`);
      }),
  },
  {
    id: 'target-role-passwords',
    title: 'Roles that log in have a password on the target',
    severity: 'warning',
    modes: BOTH,
    answers: ['F32'],
    decide: (facts) =>
      whenKnown([facts.source.catalog, facts.source.role, facts.target.roles], (_, reader, present) => {
        const wanted = rolesWanted(facts);
        const here = present.filter((role) => wanted.includes(role.name));
        if (here.some((role) => role.loginWithoutPassword === null)) return unknown('Only a superuser sees whether a role has a password.', 'Log in as each role of the application once, before the cutover.');
        const bare = here.filter((role) => role.loginWithoutPassword).map(({ name }) => name);
        // Only a superuser reads password verifiers, so only then roles are made with theirs.
        const made = reader.superuser ? [] : wanted.filter((name) => !present.some((role) => role.name === name));
        const without = namesOf([...bare, ...made]);
        return whenNone(without, { none: 'Every role of the application that may log in has a password, or brings its own.', some: `${without.count} roles of the application have no password, or will be made without one`, remedy: '\\password <role> in psql on the target, before the cutover.' });
      }),
  },
];

/** What `roles` of the migration asks for. */
export const mappedRoleRules: readonly Rule[] = [
  {
    id: 'mapped-roles',
    title: 'Every role that is mapped is one of the source',
    severity: 'warning',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ request, source }) =>
      whenKnown([source.catalog], ({ owners, grantees }) => {
        const unknown = Object.keys(request.roles).filter((name) => !owners.includes(name) && !grantees.includes(name));
        return whenNone(namesOf(unknown), { none: 'Every role under `roles` owns or is granted something on the source.', some: `${unknown.length} roles under \`roles\` neither own nor are granted anything on the source`, remedy: 'Look how they are written; names are case-sensitive.' });
      }),
  },
  {
    id: 'mapped-superusers',
    title: 'What only superusers own is mapped to superusers',
    severity: 'warning',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ request, source, target }) =>
      whenKnown([source.catalog, target.roles], ({ ownedBySuperusers }, present) => {
        const mappedTo = (owner: string): string | undefined => (Object.hasOwn(request.roles, owner) ? request.roles[owner] : undefined);
        const staying = ownedBySuperusers.filter(({ owner }) => request.owners && mappedTo(owner) !== undefined && !present.some(({ name, superuser }) => superuser && name === mappedTo(owner)));
        return whenNone(namesOf(staying.map(({ name }) => name)), {
          none: 'Nothing that only a superuser can own is mapped to an ordinary role.',
          some: `${staying.length} objects that only a superuser can own stay with our role on the target`,
          remedy: 'Nothing to do if that is right; else map their owner to a superuser.',
        });
      }),
  },
  {
    id: 'roles-in-rows',
    title: 'No row names a role that is mapped',
    severity: 'warning',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ request, source }) =>
      whenKnown([source.catalog], ({ roleColumns }) => {
        if (Object.keys(request.roles).length === 0) return ok('No role is mapped.');
        return whenNone(roleColumns, {
          none: 'No column has a type whose values are roles.',
          some: `${roleColumns.count} columns hold names of roles, which stay as they are, and which the target does not take for roles that it does not have`,
          remedy: 'Make roles of these names on the target, or change the rows first.',
        });
      }),
  },
];

const mapped = ({ request }: PreflightFacts, names: readonly string[]): string[] => [...new Set(names.map((name) => mappedRole(request.roles, name)))];

function ownersWanted(facts: PreflightFacts): string[] {
  return 'ok' in facts.source.catalog && facts.request.owners ? mapped(facts, facts.source.catalog.ok.owners) : [];
}

function rolesWanted(facts: PreflightFacts): string[] {
  const grantees = 'ok' in facts.source.catalog && facts.request.privileges ? mapped(facts, facts.source.catalog.ok.grantees) : [];
  return [...new Set([...ownersWanted(facts), ...grantees])];
}
