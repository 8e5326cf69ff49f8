import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** node workers/bundle-workflows.ts <file>: writes the bundle, whole or not at all. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node workers/bundle-workflows.ts <file>\n');
  process.exit(2);
}
const { code } = await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)), logger: new DefaultLogger('WARN') });
writeFileSync(`${file}.${process.pid}`, code);
renameSync(`${file}.${process.pid}`, file);
