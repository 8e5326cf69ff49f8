import { expect, it } from 'vitest';

import { canonicalJson, toJson } from '../../domain/canonical-json.ts';
import { Secret } from '../../domain/secret.ts';

it('gives the same text whatever the order of the keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":true,"d":null}]}');
  expect(canonicalJson({ a: 'x', b: [1, { c: true, d: null }] })).toBe('{"a":"x","b":[1,{"c":true,"d":null}]}');
});

it('sorts keys that look like numbers as text, and by UTF-16 code units', () => {
  expect(canonicalJson({ 10: 1, 9: 2, '\u20ac': 3, '\ud83d\ude00': 4, '\ufb33': 5 })).toBe('{"10":1,"9":2,"\u20ac":3,"\ud83d\ude00":4,"\ufb33":5}');
});

it('writes numbers as ECMAScript does', () => {
  expect(canonicalJson([1.0, -0, 1e21, 0.000001, 1e-7])).toBe('[1,0,1e+21,0.000001,1e-7]');
});

it('turns dates into text, secrets into stars and lets absent fields vanish', () => {
  expect(toJson({ at: new Date(0), password: new Secret('hunter2'), absent: undefined })).toEqual({ at: '1970-01-01T00:00:00.000Z', password: '***' });
  expect(toJson(undefined)).toBeNull();
});

it('replaces characters that Postgres cannot keep', () => {
  expect(toJson({ output: 'a\0b\ud800c' })).toEqual({ output: 'a\ufffdb\ufffdc' });
});
