import type { Secret } from '../../domain/secret.ts';

/** A server as a program of PostgreSQL dials it. */
export interface ProgramLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly database?: string;
}

/** A connection string for argv, and the password for the environment, which only the account itself and root can read. */
export function conninfoForProgram({ host, port, user, password, database }: ProgramLogin): { readonly dbname: string; readonly env: Readonly<Record<string, string>> } {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const words = [`host=${quote(host)}`, `port=${port}`, `user=${quote(user)}`, 'connect_timeout=10', ...(database === undefined ? [] : [`dbname=${quote(database)}`])];
  return { dbname: words.join(' '), env: { LC_ALL: 'C', PGAPPNAME: 'pgconvoy', ...(password === undefined ? {} : { PGPASSWORD: password.reveal() }) } };
}
