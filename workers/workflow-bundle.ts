import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { toolsDir } from '../config/paths.ts';
import { runProgram } from '../programs/run-program.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * The file with the bundled workflow code. Bundling takes a second and a hundred megabytes, so a process of its own does it,
 * once for every state of the code: the file is named after all that goes into it, the SDK's version among it.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const codePath = join(toolsDir(), 'workflow-bundles', `${hashOfSources()}.js`);
  if (!existsSync(codePath)) {
    mkdirSync(dirname(codePath), { recursive: true });
    await runProgram({ program: process.execPath, args: [join(import.meta.dirname, 'bundle-workflows.ts'), codePath] });
  }
  return { codePath };
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(['package-lock.json', 'workflows/**/*.ts', 'domain/**/*.ts'], { cwd: ROOT }).toSorted()) {
    hash.update(path).update('\0').update(readFileSync(join(ROOT, path))).update('\0');
  }
  return hash.digest('hex').slice(0, 24);
}
