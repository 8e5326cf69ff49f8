import { z } from 'zod';

/** The kinds of value that every section of the inventory has. */
export const secretReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'is not a secret reference: write env:NAME or file:/path, never the secret itself')
  .describe('A secret reference: env:NAME or file:/path. Never the secret itself.');

export const name = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/, 'is not a name: letters, digits, dot, dash and underscore, at most 63');

export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'is not a duration: write for example 500ms, 30s, 5m, 2h, 1d')
  .describe('A duration: 500ms, 30s, 5m, 2h, 1d.');

export const size = z
  .string()
  .regex(/^\d+(kB|MB|GB|TB)$/, 'is not a size: write for example 64kB, 16MB, 1GB')
  .describe('A size: 64kB, 16MB, 1GB.');
