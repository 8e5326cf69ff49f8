import { stripTypeScriptTypes } from 'node:module';

/** One import or re-export of a file. */
export interface Import {
  readonly specifier: string;
  /** Gone once types are stripped: nothing of it exists at run time. */
  readonly typeOnly: boolean;
  /** `export * from`. */
  readonly reExportsAll: boolean;
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`, `import type …`; each at the start of a statement. */
const STATEMENT = /^(?:import|export)\s+(?:(?<clause>[\w$\s{},*]+?)\s+from\s+)?(?<quote>['"])(?<specifier>[^'"]+)\k<quote>/gm;
const DYNAMIC = /\bimport\(\s*(?<quote>['"])(?<specifier>[^'"]+)\k<quote>\s*\)/g;

/** The imports of a TypeScript file, those in comments left out. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  // Node's own stripping decides what is left of an import; a type in `import('x')` form goes with it.
  const running = stripTypeScriptTypes(code);
  return [...specifiersOf(code)].map(([specifier, reExportsAll]) => ({
    specifier,
    typeOnly: !specifiersOf(running).has(specifier),
    reExportsAll,
  }));
}

function specifiersOf(code: string): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const { groups } of [...code.matchAll(STATEMENT), ...code.matchAll(DYNAMIC)]) {
    const { specifier, clause } = groups as { specifier: string; clause?: string };
    found.set(specifier, found.get(specifier) === true || (clause?.trim().startsWith('*') === true && !clause.includes(' as ')));
  }
  return found;
}

/** Whole lines and blocks only, as our style has them: what looks like a comment inside a string stays. */
const withoutComments = (source: string): string => source.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '').replaceAll(/^\s*\/\/.*$/gm, '');
