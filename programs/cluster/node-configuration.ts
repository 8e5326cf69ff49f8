import { join } from 'node:path';

import { NODE_CONF } from '../../domain/cluster/settings/node-conf.ts';
import { lineDiff } from '../../domain/text-diff.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { readIfThere, writeDurably } from './durable-file.ts';

export interface NodeConfiguration {
  /** Content of `pgconvoy.conf`, which postgresql.conf includes. */
  readonly settings: string;
  /** Content of pg_hba.conf. */
  readonly hba: string;
}

export interface ConfigurationChange {
  readonly file: string;
  /** Lines that go and come. */
  readonly diff: readonly string[];
  /** Where the text before is kept; null: there was no file. */
  readonly backup: string | null;
}

const INCLUDE = `include '${NODE_CONF}'`;

/** What writing would change, nothing written. */
export async function compareConfiguration({ dataDir }: Pick<PostgresCluster, 'dataDir'>, wanted: NodeConfiguration): Promise<readonly ConfigurationChange[]> {
  const changes = await Promise.all(Object.entries(await textsOf(dataDir, wanted)).map(async ([name, text]) => ({ file: name, before: await readIfThere(join(dataDir, name)), text })));
  return changes.filter(({ before, text }) => before !== text).map(({ file, before, text }) => ({ file, diff: lineDiff(before, text), backup: before === '' ? null : `${file}.before-pgconvoy` }));
}

/** Writes the configuration of a node; what was there before stays beside it. Again with the same changes nothing (R83). */
export async function writeConfiguration(cluster: Pick<PostgresCluster, 'dataDir' | 'account'>, wanted: NodeConfiguration): Promise<readonly ConfigurationChange[]> {
  const changes = await compareConfiguration(cluster, wanted);
  const texts = await textsOf(cluster.dataDir, wanted);
  for (const { file, backup } of changes) {
    const path = join(cluster.dataDir, file);
    if (backup !== null) await writeDurably(join(cluster.dataDir, backup), await readIfThere(path), cluster.account);
    await writeDurably(path, texts[file]!, cluster.account);
  }
  return changes;
}

async function textsOf(dataDir: string, { settings, hba }: NodeConfiguration): Promise<Readonly<Record<string, string>>> {
  const main = await readIfThere(join(dataDir, 'postgresql.conf'));
  const included = main.split('\n').some((line) => line.trim() === INCLUDE);
  return { 'postgresql.conf': included ? main : `${main.replace(/\n*$/, '\n')}${INCLUDE}\n`, [NODE_CONF]: settings, 'pg_hba.conf': hba };
}
