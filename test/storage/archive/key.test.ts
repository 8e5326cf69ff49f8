import { hash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import { expect, it } from 'vitest';

import { Secret } from '../../../domain/secret.ts';
import { newDataKey } from '../../../storage/archive/data-key.ts';
import { keyOf, newBackupKey, openBackupKey } from '../../../storage/archive/key.ts';

const secret = newBackupKey();
const key = openBackupKey(secret);

it('names itself by what says nothing about it', () => {
  expect(key.keyId).toBe(hash('sha256', Buffer.concat([Buffer.from('pgconvoy-key-id:'), Buffer.from(secret.reveal(), 'base64')])).slice(0, 16));
  expect(openBackupKey(newBackupKey()).keyId).not.toBe(key.keyId);
});

it('wraps the key of a backup for that backup alone', () => {
  const dataKey = newDataKey();
  const wrapped = key.wrap(dataKey, 'one');
  expect(key.unwrap(wrapped, 'one').reveal().equals(dataKey.reveal())).toBe(true);
  expect(key.wrap(dataKey, 'one')).not.toBe(wrapped);
  for (const other of [() => key.unwrap(wrapped, 'two'), () => openBackupKey(newBackupKey()).unwrap(wrapped, 'one'), () => key.unwrap(`${wrapped.startsWith('A') ? 'B' : 'A'}${wrapped.slice(1)}`, 'one'), () => key.unwrap('', 'one'), () => key.unwrap(wrapped.slice(0, 40), 'one')]) {
    expect(other).toThrow(expect.objectContaining({ code: 'backup_damaged' }) as Error);
  }
});

it('signs so that a change, and another key, are seen', () => {
  const signature = key.sign('text');
  expect(key.verify('text', signature)).toBe(true);
  expect(key.verify('texT', signature)).toBe(false);
  expect(key.verify('text', '')).toBe(false);
  expect(openBackupKey(newBackupKey()).verify('text', signature)).toBe(false);
});

it('is the same key every time it is opened, in every version of ours', () => {
  const fixed = openBackupKey(new Secret(Buffer.alloc(32, 7).toString('base64')));
  expect(fixed.keyId).toBe('03111f9fe1efef98');
  expect(fixed.sign('pgconvoy')).toBe('LHl4KqTFmphNeTZdVPfslxQSOEzRPJejPUfHHn4RkzRO/+F8qiOsbf8Zf+iEfK1rqVJpivx9sb/LcSBndm4TCA==');
});

it.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), randomBytes(32).toString('hex'), `${randomBytes(32).toString('base64')}!`])('is not made of "%s"', (text) => {
  expect(() => openBackupKey(new Secret(text))).toThrow(expect.objectContaining({ code: 'backup_key_invalid' }) as Error);
  try {
    openBackupKey(new Secret(text));
  } catch (error) {
    if (text !== '') expect(inspect(error)).not.toContain(text);
  }
});

it('takes a key with the line end that a file has', () => expect(openBackupKey(new Secret(`${secret.reveal()}\n`)).keyId).toBe(key.keyId));

it('B41 finds the key of an old backup among all that are listed, and names the one that is missing', () => {
  const old = openBackupKey(newBackupKey());
  expect(keyOf([key, old], old.keyId, 'b')).toBe(old);
  expect(() => keyOf([key], old.keyId, 'b')).toThrow(expect.objectContaining({ code: 'backup_key_missing', message: `the key ${old.keyId} of backup b is not in the inventory`, context: { keyId: old.keyId, backupId: 'b' } }) as Error);
  expect(() => keyOf([], old.keyId, 'b')).toThrow(expect.objectContaining({ code: 'backup_key_missing' }) as Error);
});

it('B43 shows neither key in any way of printing it', () => {
  const dataKey = newDataKey();
  for (const one of [dataKey, key, secret, { dataKey, key }]) {
    const printed = [inspect(one, { depth: 9, showHidden: true }), JSON.stringify(one), String(one)].join();
    for (const hidden of [dataKey.reveal(), Buffer.from(secret.reveal(), 'base64')]) for (const form of ['hex', 'base64'] as const) expect(printed).not.toContain(hidden.toString(form));
  }
});
