import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file under `docs/` that is made from the source. */
export interface GeneratedPage {
  /** Path from the top of the checkout. */
  readonly path: string;
  readonly text: string;
}

export const pathOf = (page: GeneratedPage): string => join(import.meta.dirname, '..', '..', page.path);

export function writePage(page: GeneratedPage): void {
  writeFileSync(pathOf(page), page.text);
  process.stdout.write(`wrote ${page.path}\n`);
}
