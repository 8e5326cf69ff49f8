import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { withSettings } from '../../domain/cluster/settings/auto-conf.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { readIfThere, removeDurably, writeDurably } from './durable-file.ts';

/** From 12 on a file without content; before, recovery.conf, which holds the settings as well. */
const SIGNAL_FILES_SINCE = 12;

type Place = Pick<PostgresCluster, 'installation' | 'dataDir' | 'account'>;

const signalFile = ({ installation, dataDir }: Place): string => join(dataDir, installation.major >= SIGNAL_FILES_SINCE ? 'standby.signal' : 'recovery.conf');

/** Whether the server of this folder can only come up read-only (HA5). */
export const hasStandbySignal = (place: Place): boolean => existsSync(signalFile(place));

/** Settings of a standby: where it receives from. Empty texts: from nowhere. */
export interface StandbySource {
  readonly primary_conninfo: string;
  readonly primary_slot_name: string;
}

export const FROM_NOWHERE: StandbySource = { primary_conninfo: '', primary_slot_name: '' };

/** Makes a stopped server a standby from its next start on: where it receives from first, then the file that keeps it read-only. On disk when it resolves. */
export async function makeStandby(place: Place, source: StandbySource): Promise<void> {
  if (place.installation.major < SIGNAL_FILES_SINCE) return await writeDurably(signalFile(place), withSettings('', { standby_mode: 'on', recovery_target_timeline: 'latest', ...source }), place.account);
  await setOffline(place, { ...source });
  await writeDurably(signalFile(place), '', place.account);
}

/** Makes a stopped server a primary from its next start on. What it received from is forgotten: it would be wrong when it is a standby again (HA44). */
export async function makePrimary(place: Place): Promise<void> {
  if (place.installation.major >= SIGNAL_FILES_SINCE) await setOffline(place, { primary_conninfo: null, primary_slot_name: null });
  await removeDurably(signalFile(place));
}

/** Only the file; where it receives from stays as it is. */
export async function addStandbySignal(place: Place): Promise<void> {
  if (place.installation.major < SIGNAL_FILES_SINCE) return await makeStandby(place, FROM_NOWHERE);
  await writeDurably(signalFile(place), '', place.account);
}

/** Its text, which the server ignores, tells the file of a fence from that of a node that is meant to be a standby. */
const FENCED = '# pgconvoy: fenced\n';

/** What keeps a fenced server from coming back as a primary, whoever starts it (HA5): it receives from nowhere, and can be rewound. */
export async function setTombstone(place: Place): Promise<void> {
  if (place.installation.major >= SIGNAL_FILES_SINCE) await setOffline(place, { primary_conninfo: null, primary_slot_name: null });
  await writeDurably(signalFile(place), place.installation.major >= SIGNAL_FILES_SINCE ? FENCED : `${FENCED}standby_mode = 'on'\n`, place.account);
}

export const removeStandbySignal = (place: Place): Promise<void> => removeDurably(signalFile(place));

/** Changes postgresql.auto.conf of a server that does not run, as ALTER SYSTEM does of one that runs; null takes a setting away. */
export async function setOffline({ dataDir, account }: Place, settings: Readonly<Record<string, string | null>>): Promise<void> {
  const path = join(dataDir, 'postgresql.auto.conf');
  await writeDurably(path, withSettings(await readIfThere(path), settings), account);
}
