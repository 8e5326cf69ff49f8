import { globSync, readFileSync } from 'node:fs';

import type { Catalog } from '../../catalog/open-catalog.ts';
import { quoteName } from '../../postgres/quoting.ts';

/** Secrets by what they are, to be looked for everywhere. */
export type Planted = Readonly<Record<string, string>>;

/** Which secrets a text holds, in plain or in base64, as one line each. */
export function leaksIn(place: string, text: string, planted: Planted): string[] {
  const decoded = [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([part]) => Buffer.from(part, 'base64').toString('latin1'));
  const whole = `${text}\n${decoded.join('\n')}`;
  return Object.entries(planted)
    .filter(([, secret]) => whole.includes(secret) || whole.includes(encodeURIComponent(secret)))
    .map(([what]) => `${place} holds the ${what}`);
}

/** Every row of every table of the catalog, bytes as they are. */
export async function catalogText({ sessions }: Catalog): Promise<string> {
  return await sessions.use(async (session) => {
    const tables = await session.rows<{ schema: string; name: string }>("SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_catalog|information_schema)'");
    const texts: string[] = [];
    for (const { schema, name } of tables) {
      const rows = await session.rows<{ row: string }>(`SELECT t::text AS row FROM ${quoteName(schema, name)} AS t`);
      texts.push(...rows.map(({ row }) => row));
    }
    const files = await session.rows<{ content: string }>("SELECT encode(content, 'escape') AS content FROM pgconvoy.artifact");
    return [...texts, ...files.map(({ content }) => content)].join('\n');
  });
}

/** Watches the command lines of all processes of this machine; gives those that held a secret. */
export function watchCommandLines(planted: Planted): () => string[] {
  const found = new Set<string>();
  const look = (): void => {
    for (const file of globSync('/proc/[0-9]*/cmdline')) {
      try {
        const line = readFileSync(file, 'utf8').replaceAll('\0', ' ');
        for (const leak of leaksIn(`command line of ${line.split(' ')[0]}`, line, planted)) found.add(leak);
      } catch {
        // It has ended.
      }
    }
  };
  const timer = setInterval(look, 25);
  return () => {
    clearInterval(timer);
    return [...found];
  };
}
