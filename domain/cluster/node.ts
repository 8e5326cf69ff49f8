export const NODE_ROLES = ['primary', 'standby', 'witness'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** A node as it is registered: what the operator wants it to be. What it is, its agent says. */
export interface NodeDeclaration {
  /** Unique in the cluster, as its application_name is. */
  readonly name: string;
  readonly role: NodeRole;
  /** Nodes of one machine fail together; several on one machine, by port, are nodes of their own (R82). */
  readonly machine: string;
  /** A zone, room or site: what is cut off together (R1). */
  readonly location: string;
  /** Higher is preferred; 0 is never promoted (R55). */
  readonly priority: number;
  /** `application_name` in its primary_conninfo; what `synchronous_standby_names` speaks of (R73). */
  readonly applicationName: string;
  /** The node it should stream from; null for the primary and a witness. */
  readonly upstream: string | null;
  /** `recovery_min_apply_delay` it is kept with, in milliseconds; 0 for none. */
  readonly applyDelayMs: number;
}

export const isData = ({ role }: NodeDeclaration): boolean => role !== 'witness';

/** Only what is registered of a node, of whatever else is known of it. */
export const declarationOf = ({ name, role, machine, location, priority, applicationName, upstream, applyDelayMs }: NodeDeclaration): NodeDeclaration => ({ name, role, machine, location, priority, applicationName, upstream, applyDelayMs });
