import { z } from 'zod';

import { didYouMean } from '../domain/did-you-mean.ts';
import type { Complaint } from './finding.ts';
import { inventorySchema, type Inventory } from './inventory-schema.ts';

type RawIssue = z.core.$ZodRawIssue;

/** The inventory, or everything the schema has against it. No message ever repeats a value: it may be a misplaced secret. */
export function validateInventory(value: unknown): { readonly inventory?: Inventory; readonly complaints: readonly Complaint[] } {
  const parsed = inventorySchema.safeParse(value, { error: messageOf });
  if (parsed.success) return { inventory: parsed.data, complaints: [] };
  return { complaints: parsed.error.issues.flatMap(complaintsOf) };
}

function complaintsOf(issue: z.core.$ZodIssue): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...issue.path, key], atKey: true, message: messages[index]! }));
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path: issue.path, atKey: true, message }));
  return [{ path: issue.path, message: issue.message }];
}

/** Our words for zod's issues; a message that stands in the schema itself goes before it. */
function messageOf(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownFields(issue);
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}, not ${typeWord(issue.input)}`;
    case 'invalid_value':
      return choiceMessage(issue.input, issue.values.map(String));
    case 'invalid_union':
      return choiceMessage((issue.input as Record<string, unknown> | undefined)?.[String(issue['discriminator'])], (issue['options'] as unknown[]).map(String));
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${issue.minimum}` : tooShort(Number(issue.minimum));
    case 'too_big':
      return issue.origin === 'number' ? `must be at most ${issue.maximum}` : `must not be longer than ${issue.maximum}`;
    default:
      return undefined;
  }
}

/** One line for each unknown field, in their order: zod reports the fields of one object together. */
function unknownFields(issue: RawIssue & { code: 'unrecognized_keys' }): string {
  const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
  return issue.keys.map((key) => withSuggestion('is not a known field', key, known)).join('\n');
}

function choiceMessage(input: unknown, choices: readonly string[]): string {
  if (input === undefined) return `is missing: it must be ${listed(choices)}`;
  return withSuggestion(`must be ${listed(choices)}`, String(input), choices);
}

const listed = (choices: readonly string[]): string => (choices.length === 1 ? choices[0]! : `one of ${choices.join(', ')}`);

const tooShort = (minimum: number): string => (minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`);

function withSuggestion(message: string, typed: string, known: readonly string[]): string {
  const meant = didYouMean(typed, known);
  return meant === undefined ? message : `${message}; did you mean ${meant}?`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function typeWord(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return { number: 'a number', string: 'text', boolean: 'true or false' }[typeof value as string] ?? typeof value;
}
