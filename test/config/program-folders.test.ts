import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { postgresFolders, temporalProgram } from '../../config/program-folders.ts';

let root: string;
const inTools = (path: string): string => join(root, 'tools', path);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folders-'));
  vi.stubEnv('PGCONVOY_TOOLS', join(root, 'tools'));
  vi.stubEnv('PGCONVOY_PG_BIN', '/opt/pg/bin:/opt/other');
  vi.stubEnv('PATH', join(root, 'path'));
  const folders = ['postgres-clients-18.4/bin', 'postgres-9.6.2/bin', 'postgres-18.4.0/bin', 'postgres-11.22.1/bin', '.building-postgres-12.1/bin'];
  for (const folder of [...folders, 'temporal-1.9.0', 'temporal-1.10.0']) await mkdir(inTools(folder), { recursive: true });
  for (const version of ['1.9.0', '1.10.0']) await writeFile(inTools(`temporal-${version}/temporal`), '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

describe('where programs are looked for', () => {
  it('is what was configured, then what set-up installed, whole servers and newer ones first, and PATH last', () => {
    const folders = postgresFolders();
    const installed = ['postgres-18.4.0/bin', 'postgres-11.22.1/bin', 'postgres-9.6.2/bin', 'postgres-clients-18.4/bin'].map(inTools);
    expect(folders.slice(0, 6)).toEqual(['/opt/pg/bin', '/opt/other', ...installed]);
    expect(folders.at(-1)).toBe(join(root, 'path'));
    expect(folders.join()).not.toContain('building');
  });

  it('for Temporal is PATH, then the newest that set-up built', async () => {
    expect(temporalProgram()).toBe(inTools('temporal-1.10.0/temporal'));
    await mkdir(join(root, 'path'));
    await writeFile(join(root, 'path', 'temporal'), '');
    expect(temporalProgram()).toBe(join(root, 'path', 'temporal'));
  });
});
