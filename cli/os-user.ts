import { userInfo } from 'node:os';

/** Who is at the keyboard, as the system knows them. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'unknown'; // a container's number without an account
  }
}
