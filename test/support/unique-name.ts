import { randomBytes } from 'node:crypto';

/** A name that no other test has, for databases and roles. */
export const uniqueName = (purpose: string): string => `${purpose}_${randomBytes(6).toString('hex')}`;
