/** What is looked at before a node is cloned (A1). Each check says what it saw, whether it holds or not. */
import { compareSettings, NOT_LESS } from '../settings/parity.ts';
import type { NodeCheck } from '../run/node-run.ts';
import type { SettingValue } from '../cluster.ts';
import { bytesText } from '../../migration/progress.ts';
import type { Settings } from '../../preflight/server-facts.ts';

export interface CopiedSetting {
  readonly name: string;
  readonly value: string;
  readonly bootValue: string;
  /** Made by the file that every node has of its own, which is not copied. */
  readonly ownFile: boolean;
}

export interface CloneFacts {
  readonly node: string;
  readonly source: {
    readonly name: string;
    readonly systemIdentifier: string;
    readonly major: number;
    readonly bytes: number;
    readonly freeWalSenders: number;
    /** Places of tablespaces of its own. */
    readonly tablespaces: readonly string[];
    readonly walLogHints: boolean;
    readonly dataChecksums: boolean;
    readonly fullPageWrites: boolean;
    readonly walLevel: string;
  };
  readonly upstream: {
    readonly name: string;
    readonly systemIdentifier: string;
    readonly freeWalSenders: number;
    /** The slot of the node is there, or there is room for it. */
    readonly slotReady: boolean;
    /** Of {@link NOT_LESS}. */
    readonly settings: readonly CopiedSetting[];
  };
  /** Why a replication connection was refused; null: it was not. */
  readonly loginProblems: readonly { readonly at: string; readonly problem: string | null }[];
  readonly major: number;
  readonly freeBytes: number;
  readonly directory: 'free' | 'occupied';
  readonly replace: boolean;
  /** The settings that the node will have of its own. */
  readonly settings: Readonly<Record<string, SettingValue>>;
}

/** The copy, and what is written meanwhile. */
const ROOM = 1.2;
/** One sends the copy, one the log. */
const SENDERS = 2;

export function checkClone(facts: CloneFacts): readonly NodeCheck[] {
  const { source, upstream } = facts;
  const parity = compareSettings(facts.node, standbySettings(facts), Object.fromEntries(upstream.settings.map(({ name, value }) => [name, { value, unit: null }])));
  return [
    check('version', facts.major === source.major, `${source.name} is of major ${source.major}, the programs of ${facts.node} of ${facts.major}.`, 'Give the node a `binDir` of the same major.'),
    check('one system', source.systemIdentifier === upstream.systemIdentifier, `${source.name} is of system ${source.systemIdentifier}, ${upstream.name} of ${upstream.systemIdentifier}.`, 'Copy a node of the same cluster.'),
    check('log level', source.walLevel !== 'minimal', `wal_level of ${source.name} is ${source.walLevel}.`, "ALTER SYSTEM SET wal_level = 'replica'; and restart it."),
    ...facts.loginProblems.map(({ at, problem }) => check(`replication login at ${at}`, problem === null, problem ?? 'It lets the replication role in.', `Look at pg_hba.conf of ${at} and at the password of the replication role.`)),
    check('walsenders of the source', source.freeWalSenders >= SENDERS, `${source.name} has ${source.freeWalSenders} of them left; the copy needs ${SENDERS}.`, `Raise max_wal_senders on ${source.name}.`),
    check('walsender of the upstream', upstream.freeWalSenders >= 1, `${upstream.name} has ${upstream.freeWalSenders} of them left.`, `Raise max_wal_senders on ${upstream.name}.`),
    check('slot', upstream.slotReady, upstream.slotReady ? `${upstream.name} has a slot for it, or room for one.` : `${upstream.name} has no slot left.`, `Raise max_replication_slots on ${upstream.name}, or drop slots that nobody uses.`),
    check('disk', facts.freeBytes >= source.bytes * ROOM, `${bytesText(source.bytes)} are to be copied, ${bytesText(facts.freeBytes)} are free; ${ROOM} times as much is needed.`, 'Make room where the data directory is to lie.'),
    check('tablespaces', source.tablespaces.length === 0, source.tablespaces.length === 0 ? 'There are none beside the data directory.' : `Tablespaces lie at ${source.tablespaces.join(', ')}; where they are to lie on ${facts.node} cannot be said.`, 'Clone by hand with `pg_basebackup --tablespace-mapping`, then run `pgconvoy cluster register`.'),
    check('directory', facts.directory === 'free' || facts.replace, facts.directory === 'free' ? 'There is nothing in the way.' : `Something lies in the data directory${facts.replace ? '; it is moved aside' : ''}.`, 'Move it away, or say that it may be moved aside: `--replace`.'),
    check('settings', parity.length === 0, parity.length === 0 ? 'None is below that of the upstream.' : parity.map(({ reason }) => reason).join(' '), 'Raise them under `settings` of the node or the cluster.'),
    check('rewindable later', (source.walLogHints || source.dataChecksums) && source.fullPageWrites, rewindText(source), 'Switch on wal_log_hints or data checksums, and full_page_writes; without them a lost primary can only be cloned.'),
  ];
}

const check = (name: string, ok: boolean, reason: string, remedy: string): NodeCheck => ({ check: name, ok, reason, remedy: ok ? null : remedy });

const rewindText = ({ walLogHints, dataChecksums, fullPageWrites }: CloneFacts['source']): string => `Data checksums are ${onOff(dataChecksums)}, wal_log_hints ${onOff(walLogHints)}, full_page_writes ${onOff(fullPageWrites)}.`;
const onOff = (on: boolean): string => (on ? 'on' : 'off');

/** What the copy starts with: its own settings, else what comes along in the files of the source, else the default (HA45). */
function standbySettings({ upstream, settings }: CloneFacts): Settings {
  const known = new Map(upstream.settings.map((setting) => [setting.name, setting]));
  return Object.fromEntries(NOT_LESS.flatMap((name) => {
    const copied = known.get(name);
    if (copied === undefined) return [];
    const value = settings[name] === undefined ? (copied.ownFile ? copied.bootValue : copied.value) : String(settings[name]);
    return [[name, { value, unit: null }]];
  }));
}
