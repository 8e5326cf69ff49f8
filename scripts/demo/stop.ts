import { resolve } from 'node:path';

import { endDemo, isDemoFolder } from './demo-folder.ts';

/** node scripts/demo/stop.ts <folder>: ends what `npm run demo -- --keep` left running, and removes the folder. */
const folder = resolve(process.argv[2] ?? '');
if (!isDemoFolder(folder)) {
  console.error(`${folder} is not the folder of a demo; \`npm run demo -- --keep\` printed it`);
  process.exit(2);
}
await endDemo(folder);
