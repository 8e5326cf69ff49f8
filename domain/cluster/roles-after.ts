import type { NodeDeclaration } from './node.ts';

/** How the nodes are registered once `primary` is what its name says: who followed the old one, or would now follow in a ring, follows it; cascades stay. */
export function rolesAfter(nodes: readonly NodeDeclaration[], primary: string): readonly NodeDeclaration[] {
  return nodes.map((node): NodeDeclaration => {
    if (node.role === 'witness') return node;
    if (node.name === primary) return { ...node, role: 'primary', upstream: null };
    const upstream = nodes.find(({ name }) => name === node.upstream);
    const stays = upstream !== undefined && upstream.role === 'standby' && upstream.name !== primary && upstream.upstream !== node.name;
    return { ...node, role: 'standby', upstream: stays ? upstream.name : primary };
  });
}
