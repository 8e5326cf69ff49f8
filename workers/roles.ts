import { OperationError } from '../domain/errors.ts';

/** `control`: workflows and short steps; `data`: copying, index builds, verification; `node:<name>`: the agent of a node. */
export const ROLES = ['control', 'data'] as const;
export type NodeRole = `node:${string}`;
export type Role = (typeof ROLES)[number] | NodeRole;

/** Takes `control,data,node:n1`. Throws `usage`. */
export function rolesOf(text: string): Role[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !(ROLES as readonly string[]).includes(name) && !isNodeRole(name));
  if (wrong !== undefined) throw new OperationError('usage', `there is no worker role "${wrong}"`, { hint: `The roles are: ${ROLES.join(', ')}, node:<name>.` });
  return [...new Set(names)] as Role[];
}

export const isNodeRole = (role: string): role is NodeRole => /^node:.+$/.test(role);
export const nodeOf = (role: NodeRole): string => role.slice('node:'.length);
