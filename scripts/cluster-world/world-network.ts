/** How the machines of a world are joined: by ports of loopback, or each in a network namespace of its own, which can be cut off. */
export interface WorldNetwork extends AsyncDisposable {
  /** Where Temporal, the catalog and the pooler listen. */
  readonly home: string;
  /** For `trusted` in the inventory; empty: every client comes from an address that is let in anyway. */
  readonly trusted: readonly string[];
  /** Address of a node. */
  host(node: string): string;
  /** Program and arguments that run these on the machine of a node. */
  on(node: string, words: readonly string[]): readonly string[];
  /** Cuts a node off from everybody. Throws where the network cannot. */
  cut(node: string, by: CutKind): Promise<void>;
  heal(node: string): Promise<void>;
  /** What cuts a node off by itself, for `drilling.partition` of the inventory; null: nothing does. */
  readonly hook: readonly string[] | null;
}

/** `link`: the cable is out; `packets`: it is in, and everything on it is dropped without a word. */
export type CutKind = 'link' | 'packets';

const LOOPBACK = '127.0.0.1';

/** All nodes on 127.0.0.1. */
export function portsNetwork(): WorldNetwork {
  const refuse = (): Promise<void> => Promise.reject(new Error('nodes on ports of one machine cannot be cut off; open the world with network: namespaces'));
  return { home: LOOPBACK, trusted: [], host: () => LOOPBACK, on: (_node, words) => words, cut: refuse, heal: refuse, hook: null, [Symbol.asyncDispose]: () => Promise.resolve() };
}
