/** The configuration of a node as the inventory wants it: the settings that make its roles exchangeable (R64), and who may come in (R44, R63). */
import type { ClusterNode, ClusterPlan, SettingValue } from '../cluster.ts';
import { quoteSetting } from './auto-conf.ts';

/** The file that postgresql.conf includes. */
export const NODE_CONF = 'pgconvoy.conf';

const HEAD = '# Written by pgconvoy from the inventory; changes here are lost. Use `settings` of the cluster or the node.';

/** What every node has unless the inventory says otherwise. */
const BASE: Readonly<Record<string, SettingValue>> = {
  wal_level: 'replica',
  hot_standby: true,
  wal_log_hints: true,
  full_page_writes: true,
  max_wal_senders: 10,
  max_replication_slots: 10,
  hot_standby_feedback: false,
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '500ms',
  password_encryption: 'scram-sha-256',
};

/** Settings of 12 and later that recovery.conf had before, and of 13 and later. */
const OF_12: Readonly<Record<string, SettingValue>> = { recovery_target_timeline: 'latest' };
const OF_13: Readonly<Record<string, SettingValue>> = { wal_keep_size: '256MB' };

/** By name; later ones go over earlier ones. */
export function nodeSettings(node: ClusterNode, major: number): Readonly<Record<string, SettingValue>> {
  return {
    ...BASE,
    ...(major >= 12 ? OF_12 : {}),
    ...(major >= 13 ? OF_13 : {}),
    ...(major >= 12 && node.applyDelayMs > 0 ? { recovery_min_apply_delay: `${node.applyDelayMs}ms` } : {}),
    listen_addresses: listenAddresses(node.host),
    port: node.port,
    unix_socket_directories: node.socketDir ?? '',
    ...node.settings,
  };
}

const listenAddresses = (host: string): string => [...new Set([host, '127.0.0.1'])].join(',');

export const renderNodeConf = (node: ClusterNode, major: number): string =>
  [HEAD, ...Object.entries(nodeSettings(node, major)).map(([name, value]) => `${name} = ${quoteSetting(value)}`), ''].join('\n');

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

/** An address with its mask; a name as it is, which the server resolves. */
function hbaHost(host: string): string {
  if (ADDRESS.test(host)) return `${host}/32`;
  return host.includes(':') ? `${host}/128` : host;
}

/** pg_hba.conf: all nodes let in all nodes, because roles swap; the application comes from its networks. Passwords everywhere. */
export function renderHba(plan: ClusterPlan): string {
  const hosts = [...new Set(['127.0.0.1', '::1', ...plan.nodes.map(({ host }) => host)].map(hbaHost))];
  const line = (...words: string[]): string => words.join(' ');
  const role = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  return [
    HEAD,
    line('local', 'all', 'all', 'scram-sha-256'),
    line('local', 'replication', role(plan.replicationUser), 'scram-sha-256'),
    ...hosts.map((host) => line('host', 'replication', role(plan.replicationUser), host, 'scram-sha-256')),
    // Witnesses look at every node, and the catalog may lie on one of them.
    ...hosts.map((host) => line('host', 'all', 'all', host, 'scram-sha-256')),
    ...plan.trusted.map((network) => line('host', 'all', 'all', network, 'scram-sha-256')),
    '',
  ].join('\n');
}

