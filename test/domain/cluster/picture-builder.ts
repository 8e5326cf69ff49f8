import type { ClusterPicture, NodePicture } from '../../../domain/cluster/show/picture.ts';
import type { NodeDeclaration } from '../../../domain/cluster/node.ts';
import type { AgentReport, ServerState } from '../../../domain/cluster/node-facts.ts';
import { declaration, NOW, primaryServer, receiver, report, said, server } from './builders.ts';

/** A change to one node of the healthy picture. */
export interface NodeChange {
  readonly declared?: Partial<NodeDeclaration>;
  readonly reported?: Partial<AgentReport>;
  readonly server?: Partial<ServerState>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly ageMs?: number;
}

function nodePicture(name: string, { declared, reported, server: changed, settings, ageMs }: NodeChange): NodePicture {
  const facts = name === 'alfa' ? primaryServer(changed, settings) : server({ receiver: receiver(), ...changed }, settings);
  const role = name === 'alfa' ? ({ role: 'primary', upstream: null } as const) : {};
  return { declaration: declaration(name, { ...role, ...declared }), report: said(name, report(name, { server: { ok: facts }, ...reported }), ageMs ?? 100) };
}

/** Primary alfa with bravo and charlie streaming from it; a worker elsewhere watches too. */
export const picture = (changes: Readonly<Record<string, NodeChange>> = {}, rest: Partial<ClusterPicture> = {}): ClusterPicture => ({
  nodes: ['alfa', 'bravo', 'charlie', ...Object.keys(changes).filter((name) => !['alfa', 'bravo', 'charlie'].includes(name))].map((name) => nodePicture(name, changes[name] ?? {})),
  outsideMachines: ['control'], automaticFailover: false, limits: { freshMs: 3000, lagBytes: 0x1000, walDiskFreeBytes: 2 ** 30, readyFiles: 10 }, now: NOW, ...rest,
});
