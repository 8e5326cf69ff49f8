/** Registering a node that is there, and taking one off (step list B): what its agent sees decides its role, and the reasons against it are all given. */
import type { RuleResult } from './citation.ts';
import type { ClusterNode } from './cluster.ts';
import { isData, type NodeDeclaration } from './node.ts';
import type { AgentReport } from './node-facts.ts';
import { soleWritable, serverOf, type ClusterPicture } from './show/picture.ts';
import { slotNameOf } from './slots.ts';

export interface RegistrationQuestion {
  readonly node: ClusterNode;
  /** Of its agent, lately; null: it is silent. */
  readonly report: AgentReport | null;
  readonly nodes: readonly ClusterNode[];
  /** As they are registered now. */
  readonly registered: readonly NodeDeclaration[];
  /** Of the cluster; null: this is its first node. */
  readonly systemIdentifier: string | null;
  /** Other nodes that are seen to be writable now. */
  readonly otherWritable: readonly string[];
}

export interface Registration {
  readonly declaration: NodeDeclaration;
  /** Empty: it may be registered. */
  readonly refusals: readonly RuleResult[];
  /** What its agent says; null for a witness. */
  readonly systemIdentifier: string | null;
}

const refuse = (rule: string, reason: string): RuleResult => ({ rule, by: ['B1'], reason });

export function judgeRegistration(question: RegistrationQuestion): Registration {
  const { node, report, nodes, registered } = question;
  const base = pick(node);
  const clash = isData(node) ? registered.filter((other) => other.name !== node.name && isData(other) && other.applicationName.toLowerCase() === node.applicationName.toLowerCase()) : [];
  const shared = clash.map(({ name }): RuleResult => ({ rule: 'double-application-name', by: ['B1', 'R73'], reason: `${name} has the application_name ${node.applicationName} already.` }));
  if (!isData(node)) {
    const coHosted = nodes.filter((other) => isData(other) && other.machine === node.machine);
    return { declaration: { ...base, role: 'witness', upstream: null }, systemIdentifier: null, refusals: coHosted.map(({ name }): RuleResult => ({ rule: 'witness-on-data-machine', by: ['HA10', 'B1'], reason: `It runs on ${node.machine}, as ${name} does, and would be lost with it.` })) };
  }
  if (report === null) return { declaration: base, systemIdentifier: null, refusals: [...shared, refuse('agent-silent', 'Its agent has not said anything lately.')] };
  return { ...observed(question, report), refusals: [...shared, ...objections(question, report)] };
}

/** As what it runs now; a standby follows the node that its receiver is connected to. */
function observed({ node, nodes }: RegistrationQuestion, { server, control }: AgentReport): Pick<Registration, 'declaration' | 'systemIdentifier'> {
  const systemIdentifier = 'ok' in control ? control.ok.systemIdentifier : null;
  if ('failed' in server) return { declaration: pick(node), systemIdentifier };
  if (!server.ok.inRecovery) return { declaration: { ...pick(node), role: 'primary', upstream: null }, systemIdentifier };
  const receiver = server.ok.receiver;
  const upstream = receiver === null ? undefined : nodes.find(({ host, port }) => host === receiver.senderHost && port === receiver.senderPort);
  return { declaration: { ...pick(node), role: 'standby', upstream: upstream?.name ?? null }, systemIdentifier };
}

function objections({ nodes, systemIdentifier, otherWritable }: RegistrationQuestion, { server, control }: AgentReport): RuleResult[] {
  const found: RuleResult[] = [];
  if ('failed' in control) found.push(refuse('control-unreadable', `Its pg_control cannot be read: ${control.failed.message}.`));
  else if (systemIdentifier !== null && control.ok.systemIdentifier !== systemIdentifier) found.push({ rule: 'other-system', by: ['B1', 'R52'], reason: `Its system identifier is ${control.ok.systemIdentifier}, that of the cluster ${systemIdentifier}.` });
  if ('failed' in server) return [...found, refuse('server-away', `Its server does not answer its agent: ${server.failed.message}.`)];
  if (!server.ok.inRecovery && otherWritable.length > 0) found.push({ rule: 'two-primaries', by: ['B1', 'HA15'], reason: `It is writable, and so is ${otherWritable.join(' and ')}.` });
  if (!server.ok.inRecovery) return found;
  const { receiver } = server.ok;
  if (receiver === null) found.push(refuse('not-streaming', 'It is a standby and receives nothing, so nobody can tell whom it follows.'));
  else if (!nodes.some(({ host, port }) => host === receiver.senderHost && port === receiver.senderPort)) found.push(refuse('upstream-unknown', `It receives from ${receiver.senderHost}:${receiver.senderPort}, which is no node of the inventory.`));
  return found;
}

const pick = ({ name, role, machine, location, priority, applicationName, upstream, applyDelayMs }: ClusterNode): NodeDeclaration => ({ name, role, machine, location, priority, applicationName, upstream, applyDelayMs });

export interface Removal {
  readonly refusals: readonly RuleResult[];
  /** The slot it leaves behind, and where; null: none that is known. */
  readonly slot: { readonly on: string; readonly name: string } | null;
}

/** Whether a node may be taken off: never the primary, nor one that others follow. */
export function judgeRemoval(node: NodeDeclaration, registered: readonly NodeDeclaration[], picture: ClusterPicture): Removal {
  const children = registered.filter(({ upstream }) => upstream === node.name).map(({ name }) => name);
  const writable = soleWritable(picture)?.declaration.name === node.name;
  const refusals: RuleResult[] = [];
  if (node.role === 'primary' || writable) refusals.push(refuse('is-primary', writable ? 'It is the primary.' : 'It is registered as the primary.'));
  if (children.length > 0) refusals.push(refuse('has-followers', `${children.join(', ')} follows it.`));
  const upstream = node.upstream ?? soleWritable(picture)?.declaration.name ?? null;
  const source = picture.nodes.find(({ declaration }) => declaration.name === upstream);
  const slot = source === undefined ? undefined : serverOf(source, picture)?.physicalSlots.find(({ name }) => name === slotNameOf(node.name));
  if (slot?.active === true) refusals.push(refuse('still-streaming', `It streams from ${upstream} by its slot ${slot.name}; stop its server first.`));
  return { refusals, slot: slot === undefined || upstream === null ? null : { on: upstream, name: slot.name } };
}
