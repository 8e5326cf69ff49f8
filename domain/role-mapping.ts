/** Role on the source: role on the target. Who is not in it keeps the name. */
export type RoleMapping = Readonly<Record<string, string>>;

export const mapsRoles = (roles: RoleMapping): boolean => Object.keys(roles).length > 0;

/** What a role of the source is called on the target. */
export const mappedRole = (roles: RoleMapping, name: string): string => (Object.hasOwn(roles, name) ? (roles[name] ?? name) : name);
