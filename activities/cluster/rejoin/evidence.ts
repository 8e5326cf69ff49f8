import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { NodeAgent, NodeOrder } from '../../../agent/node-agent.ts';
import type { RejoinFacts, RejoinVerdict } from '../../../domain/cluster/rejoin/verdict.ts';
import { holds } from '../../../domain/cluster/segment.ts';
import { hasReached } from '../../../domain/lsn.ts';
import { archiveReady, offlineSetting, readyFiles } from '../../../programs/cluster/archive-command.ts';
import { readControlData } from '../../../programs/cluster/control-data.ts';
import { commitsIn, type LogStretch, segmentsOf } from '../../../programs/cluster/wal-log.ts';

/** Segments that are copied at most, oldest first; the list of commits covers all. */
const SEGMENTS_KEPT = 64;
const COMMITS_KEPT = 10_000;

/**
 * Keeps what a rewind throws away, the only copy of writes that were acknowledged here and nowhere else (HA20): waiting segments go to the archive, the log
 * since the fork and a list of its commits to a folder of the agent. Gives the folder; again with the same operation it is left as it is.
 */
export async function keepEvidence(agent: NodeAgent, { operation }: NodeOrder, { facts, verdict }: { facts: RejoinFacts; verdict: RejoinVerdict }): Promise<string> {
  const folder = join(agent.stateDir, 'evidence', operation);
  if (existsSync(folder)) return folder;
  const server = await agent.server();
  const beside = `${folder}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(join(beside, 'pg_wal'), { recursive: true, mode: 0o700 });
  const notArchived = await archiveFirst(agent);
  const stretches = divergence(facts, verdict);
  const commits = (await Promise.all(stretches.map((stretch) => commitsIn(server, stretch)))).flat();
  await writeFile(join(beside, 'commits.txt'), `${commits.slice(0, COMMITS_KEPT).join('\n')}\n`);
  const segments = await copySegments(agent, stretches, join(beside, 'pg_wal'));
  const summary = { node: agent.node, operation, relation: verdict.relation, from: stretches[0]?.from ?? null, to: facts.node.endLsn, history: facts.node.history, commits: commits.length, segments, notArchived };
  await writeFile(join(beside, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
  await rename(beside, folder);
  return folder;
}

/** The log of the node that the primary does not have, by timeline. */
export function divergence({ node }: Pick<RejoinFacts, 'node'>, { relation }: Pick<RejoinVerdict, 'relation'>): LogStretch[] {
  const { forkLsn, commonTimeline } = relation;
  if (forkLsn === null || commonTimeline === null) return [];
  const line = [...node.history.ancestors, { timeline: node.history.timeline, endLsn: null }];
  return line.flatMap(({ timeline, endLsn }, index) => {
    if (timeline < commonTimeline) return [];
    const from = timeline === commonTimeline ? forkLsn : line[index - 1]!.endLsn!;
    return endLsn !== null && hasReached(from, endLsn) ? [] : [{ timeline, from, ...(endLsn === null ? {} : { to: endLsn }) }];
  });
}

/** In the server's own words; what cannot be archived is in the evidence. */
async function archiveFirst(agent: NodeAgent): Promise<string[]> {
  const server = await agent.server();
  const waiting = await readyFiles(server);
  if (waiting.length === 0) return [];
  const command = await offlineSetting(server, 'archive_command');
  return command === '' || command === '(disabled)' ? waiting : await archiveReady(server, command);
}

async function copySegments(agent: NodeAgent, stretches: readonly LogStretch[], folder: string): Promise<{ copied: string[]; left: number }> {
  const { dataDir, ...server } = await agent.server();
  const { segmentBytes } = await readControlData({ dataDir, ...server });
  const wanted = (await segmentsOf({ dataDir }, segmentBytes)).filter((segment) =>
    stretches.some(({ timeline, from, to }) => segment.timeline === timeline && (holds(segment, from, segmentBytes) || hasReached(segment.beginLsn, from)) && (to === undefined || !hasReached(segment.beginLsn, to))));
  const { bavail, bsize } = await statfs(folder);
  // Half of what is free is not ours to take.
  const fitting = Math.floor((bavail * bsize) / 2 / segmentBytes);
  const copied = wanted.slice(0, Math.min(SEGMENTS_KEPT, fitting)).map(({ name }) => name);
  for (const name of copied) await copyFile(join(dataDir, 'pg_wal', name), join(folder, name));
  return { copied, left: wanted.length - copied.length };
}
