import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { OperationError } from '../domain/errors.ts';
import { stateDir } from './paths.ts';

/**
 * What `pgconvoy up` started and where it answers. A part that is configured elsewhere is absent. Secrets are not in
 * here, only the files that hold them.
 */
const embeddedFacts = z.strictObject({
  version: z.literal(1),
  /** ISO 8601. */
  startedAt: z.string(),
  temporal: z.strictObject({ address: z.string(), namespace: z.string(), uiUrl: z.string() }).optional(),
  catalog: z.strictObject({ host: z.string(), port: z.number(), user: z.string(), database: z.string(), passwordFile: z.string() }).optional(),
  store: z.strictObject({ endpoint: z.string(), account: z.string(), keyFile: z.string() }).optional(),
});

export type EmbeddedFacts = z.infer<typeof embeddedFacts>;

export const embeddedFactsPath = (): string => join(stateDir(), 'embedded.json');

/** The facts, or undefined when nothing was started. */
export function readEmbeddedFacts(): EmbeddedFacts | undefined {
  const path = embeddedFactsPath();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = embeddedFacts.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new OperationError('setting_invalid', `file ${path} is not as \`pgconvoy up\` writes it`, {
    detail: z.prettifyError(parsed.error),
    hint: 'Run `pgconvoy down`, then `pgconvoy up`.',
  });
}

/** Replaces the facts in one step, so that nobody reads half of them. */
export function writeEmbeddedFacts(facts: EmbeddedFacts): void {
  const path = embeddedFactsPath();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(facts, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Forgets the facts; fine when there are none. */
export const removeEmbeddedFacts = (): void => rmSync(embeddedFactsPath(), { force: true });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
