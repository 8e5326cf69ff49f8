import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { checkInventory, findingLine, loadInventory } from '../../config/inventory.ts';
import { readSampleInventory } from '../../config/sample-inventory.ts';
import { inventoryFile } from './inventory-file.ts';

const SERVERS = `version: 1
servers:
  old: { host: a, user: u }
  new: { host: b, user: u }
`;

/** Each file with what is said of it, as `line:column: path message`. */
const BAD: readonly { name: string; text: string; says: readonly string[] }[] = [
  { name: 'an empty file', text: '', says: ['1:1: must be a mapping, not empty'] },
  { name: 'a file that is no YAML', text: 'version: 1\nservers: [', says: ['2:11: is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]'] },
  { name: 'a name given twice', text: 'version: 1\nversion: 1', says: ['2:1: is not valid YAML: map keys must be unique'] },
  { name: 'another version', text: 'version: 2', says: ['1:10: version must be 1'] },
  { name: 'no version', text: 'servers: {}', says: ['1:1: version is missing: it must be 1'] },
  { name: 'an unknown section', text: 'version: 1\nservres: {}', says: ['2:1: servres is not a known field; did you mean servers?'] },
  { name: 'an empty section', text: 'version: 1\nservers:\n', says: ['2:9: servers must be a mapping, not empty'] },
  {
    name: 'unknown fields of a server',
    text: 'version: 1\nservers:\n  old:\n    host: a\n    user: u\n    pasword: env:X\n    color: blue\n',
    says: ['6:5: servers.old.pasword is not a known field; did you mean password?', '7:5: servers.old.color is not a known field'],
  },
  { name: 'a missing field', text: 'version: 1\nservers:\n  old:\n    host: a\n', says: ['3:3: servers.old.user is missing'] },
  { name: 'a wrong type', text: 'version: 1\nservers:\n  old: { host: [a], user: u, port: "5432" }', says: ['3:10: servers.old.host must be text, not a list', '3:36: servers.old.port must be a number, not text'] },
  { name: 'a port out of range', text: 'version: 1\nservers:\n  old: { host: a, user: u, port: 65536 }', says: ['3:34: servers.old.port must be at most 65535'] },
  { name: 'an empty host', text: 'version: 1\nservers:\n  old: { host: "", user: u }', says: ['3:16: servers.old.host must not be empty'] },
  { name: 'a name with a space', text: 'version: 1\nservers:\n  my old: { host: a, user: u }', says: ['3:3: servers.my old is not a name: letters, digits, dot, dash and underscore, at most 63'] },
  {
    name: 'a password in clear, without repeating it',
    text: 'version: 1\nservers:\n  old: { host: a, user: u, password: hunter2 }',
    says: ['3:38: servers.old.password is not a secret reference: write env:NAME or file:/path, never the secret itself'],
  },
  {
    name: 'an unknown TLS mode',
    text: 'version: 1\nservers:\n  old: { host: a, user: u, tls: { mode: verify-ful } }',
    says: ['3:41: servers.old.tls.mode must be one of disable, prefer, require, verify-ca, verify-full; did you mean verify-full?'],
  },
  {
    name: 'verification without an authority',
    text: 'version: 1\nservers:\n  old: { host: a, user: u, tls: { mode: verify-full, cert: c.pem } }',
    says: ['3:41: servers.old.tls.mode is verify-full, which needs tls.ca: the file of the certificate authority', '3:60: servers.old.tls.cert needs tls.key beside it'],
  },
  { name: 'an unknown kind of store', text: 'version: 1\nstores:\n  s: { kind: directroy, path: /x }', says: ['3:14: stores.s.kind must be one of azure-blob, directory; did you mean directory?'] },
  { name: 'a store without a kind', text: 'version: 1\nstores:\n  s: { path: /x }', says: ['3:3: stores.s.kind is missing: it must be one of azure-blob, directory'] },
  { name: 'a store without a key', text: 'version: 1\nstores:\n  s: { kind: azure-blob, endpoint: "https://a", account: a, container: abc }', says: ['3:3: stores.s needs either key or sas'] },
  { name: 'a management that would get its token in the open', text: 'version: 1\nstores:\n  s: { kind: azure-blob, endpoint: "https://a", account: a, container: abc, key: env:PATH, management: { subscription: 11111111-2222-3333-4444-555555555555, resourceGroup: g, endpoint: "http://a.example" } }', says: ['3:186: stores.s.management.endpoint is not https, and a token would be sent to it in the open'] },
  { name: 'a subscription by its name', text: 'version: 1\nstores:\n  s: { kind: azure-blob, endpoint: "https://a", account: a, container: abc, key: env:K, management: { subscription: mine, resourceGroup: g } }', says: ['3:117: stores.s.management.subscription is not the id of a subscription'] },
  { name: 'a server that is not there', text: `${SERVERS}migrations:\n  m: { source: odl, target: new, database: d }`, says: ['6:16: migrations.m.source names server odl, which is not under servers; did you mean old?'] },
  { name: 'a migration onto itself', text: `${SERVERS}migrations:\n  m: { source: old, target: old, database: d }`, says: ['6:29: migrations.m.target is the same server and database as the source'] },
  { name: 'a wrong duration', text: `${SERVERS}migrations:\n  m: { source: old, target: new, database: d, cutover: { budget: 10 s } }`, says: ['6:66: migrations.m.cutover.budget is not a duration: write for example 500ms, 30s, 5m, 2h, 1d'] },
  { name: 'a wrong size', text: `${SERVERS}migrations:\n  m: { source: old, target: new, database: d, copy: { splitAbove: 1G, lanes: 1.5 } }`, says: ['6:67: migrations.m.copy.splitAbove is not a size: write for example 64kB, 16MB, 1GB', '6:78: migrations.m.copy.lanes must be a whole number, not a number'] },
  { name: 'a route command that is empty', text: `${SERVERS}migrations:\n  m: { source: old, target: new, database: d, cutover: { route: { kind: command, command: [] } } }`, says: ['6:82: migrations.m.cutover.route.command must not be empty'] },
  { name: 'a key in clear, without repeating it', text: 'version: 1\nkeys:\n  k: c2VjcmV0', says: ['3:6: keys.k is not a secret reference: write env:NAME or file:/path, never the secret itself'] },
  {
    name: 'a policy of a server, store and key that are not there',
    text: `${SERVERS}stores:\n  disk: { kind: directory, path: /x }\nbackups:\n  b: { server: odl, databases: all, store: disc, encryption: k, proof: { where: nwe } }`,
    says: [
      '8:16: backups.b.server names server odl, which is not under servers; did you mean old?',
      '8:44: backups.b.store names store disc, which is not under stores; did you mean disk?',
      '8:62: backups.b.encryption names key k, which is not under keys',
      '8:81: backups.b.proof.where names server nwe, which is not under servers; did you mean new?',
    ],
  },
  { name: 'a policy that leaves the store to us beside others', text: `${SERVERS}stores:\n  disk: { kind: directory, path: /x }\nbackups:\n  b: { server: old, databases: all }`, says: ['8:3: backups.b.store names store default, which is not under stores'] },
  { name: 'databases that are neither all nor a list', text: `${SERVERS}backups:\n  b: { server: old, databases: every }`, says: ['6:32: backups.b.databases must be all or a list of names'] },
  { name: 'no database', text: `${SERVERS}backups:\n  b: { server: old, databases: [] }`, says: ['6:21: backups.b.databases must not be empty'] },
  { name: 'a database twice', text: `${SERVERS}backups:\n  b: { server: old, databases: [a, b, a] }`, says: ['6:21: backups.b.databases names a twice'] },
  { name: 'some databases in a format of all', text: `${SERVERS}backups:\n  b: { server: old, databases: [a], format: cluster, proof: { after: never } }`, says: ['6:21: backups.b.databases must be all: the format cluster takes the whole server'] },
  { name: 'a proof of what cannot be proven', text: `${SERVERS}backups:\n  b: { server: old, databases: all, format: cluster, proof: { after: every } }`, says: ['6:70: backups.b.proof.after is every, but a backup of the format cluster cannot be proven: say never'] },
  {
    name: 'a schedule that never comes',
    text: `${SERVERS}backups:\n  b: { server: old, databases: all, schedule: { cron: "0 2 * *", timeZone: Europe/Berlon } }`,
    says: ['6:55: backups.b.schedule.cron is not a cron line of five fields, for example 0 2 * * *', '6:76: backups.b.schedule.timeZone is not a time zone: write for example Europe/Berlin'],
  },
  { name: 'a retention that keeps nothing proven', text: `${SERVERS}backups:\n  b: { server: old, databases: all, retention: { minimumProven: 0, keepDaily: 7 } }`, says: ['6:65: backups.b.retention.minimumProven must be at least 1', '6:68: backups.b.retention.keepDaily is not a known field'] },
];

describe('says where and what is wrong with', () => {
  it.each(BAD)('$name', ({ text, says }) => {
    const path = inventoryFile(text);
    expect(checkInventory(path).map((finding) => findingLine('', finding).slice(1))).toEqual(says);
  });
});

it('refuses to load a file with errors, and lists them all', () => {
  const path = inventoryFile('version: 1\nservers:\n  old: { host: a }\nfoo: 1');
  expect(() => loadInventory(path)).toThrow(
    expect.objectContaining({ code: 'inventory_invalid', message: `inventory file ${path} has 2 errors`, detail: `${path}:3:3: servers.old.user is missing\n${path}:4:1: foo is not a known field` }),
  );
});

it('says that a file cannot be read', () => {
  expect(() => loadInventory('/nowhere/pgconvoy.yaml')).toThrow(expect.objectContaining({ code: 'inventory_missing' }));
});

it('fills in the defaults', () => {
  const { servers, migrations } = loadInventory(inventoryFile(`${SERVERS}migrations:\n  m: { source: old, target: new, database: d }`));
  expect(servers['old']).toMatchObject({ port: 5432, maintenanceDatabase: 'postgres', tls: { mode: 'prefer' } });
  expect(migrations['m']).toMatchObject({ mode: 'online', verify: 'full', approval: 'required', cutover: { budget: '10s', route: { kind: 'none' } } });
});

it('fills in the defaults of a policy', () => {
  const { backups } = loadInventory(inventoryFile(`${SERVERS}backups:\n  b: { server: old, databases: all }`));
  expect(backups['b']).toMatchObject({ format: 'directory', jobs: 2, compression: 'zstd', store: 'default', lockTimeout: '30s', proof: { after: 'every', where: 'local', amcheck: true } });
  expect(backups['b']?.retention).toEqual({ keepLast: 7, daily: 0, weekly: 0, monthly: 0, yearly: 0, minimumProven: 3 });
});

it('follows anchors and aliases', () => {
  const path = inventoryFile('version: 1\nservers:\n  old: &same { host: a, user: u }\n  new: *same\n');
  expect(loadInventory(path).servers['new']?.host).toBe('a');
});

it('accepts the sample, warning only of secrets that are not here', () => {
  const path = inventoryFile(readSampleInventory('x.json'));
  expect(checkInventory(path).map(({ severity, path: place }) => `${severity} ${place}`)).toEqual(['warning servers.shop-old.password', 'warning servers.shop-new.password']);
});

it('accepts the sample with everything that it comments out', () => {
  const sample = readFileSync(join(import.meta.dirname, '..', '..', 'config', 'sample-inventory.yaml'), 'utf8');
  expect(sample.split('\n')[0]).toBe('# yaml-language-server: $schema=../docs/pgconvoy.schema.json');
  // A commented field is one word and a colon behind `# `; the alternatives of a route would be fields given twice.
  const uncommented = sample
    .replace('stores: {}\n# stores:', 'stores:')
    .replace('keys: {}\n# keys:', 'keys:')
    .replace('clusters: {}\n# clusters:', 'clusters:')
    .replaceAll(/^( *)# (?= *[\w.]+:(?: |$))/gm, '$1')
    .replace(/^ +kind: none.*\n/m, '');
  const { stores, migrations, backups, clusters } = loadInventory(inventoryFile(uncommented));
  expect(clusters['shop']).toMatchObject({ nodes: { n1: { role: 'data' }, n3: { priority: 50 }, w1: { role: 'witness' } }, synchronous: { mode: 'any', count: 1, strict: true } });
  expect(stores['nightly']?.kind).toBe('azure-blob');
  expect(migrations['shop']).toMatchObject({ noIdentity: { 'public.events': 'full' }, cutover: { attempts: 3, route: { kind: 'command' } } });
  expect(backups['shop-nightly']).toMatchObject({ encryption: 'nightly', store: 'nightly', staging: { limit: '2GB' }, proof: { smoke: [{ expect: true }] }, objectives: { rto: '1h' } });
});
