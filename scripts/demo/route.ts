import { readFile, rename, writeFile } from 'node:fs/promises';

/** Where the application finds its database at this moment: the content of the route file. */
export interface Route {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** Reads the route file, as the application does before every connect. */
export async function readRoute(file: string): Promise<Route> {
  return JSON.parse(await readFile(file, 'utf8')) as Route;
}

/** Replaces the route file by a rename, so that a reader sees the old route or the new one and never half of it. */
export async function writeRoute(file: string, route: Route): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(route)}\n`);
  await rename(fresh, file);
}
