import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { ApplicationRoute } from '../../config/probe-route.ts';

/** `postgres://user@host1:5432,host2:5433/database`, as libpq has it, which URL does not read. The password comes from PGPASSWORD. Error: `usage`. */
export function parseProbeUrl(text: string, environment: Readonly<Record<string, string | undefined>>): ApplicationRoute {
  const [, user, places, database] = /^postgres(?:ql)?:\/\/([^:@/]+)@([^/?]+)\/([^?]+)$/.exec(text) ?? [];
  if (user === undefined || places === undefined || database === undefined) throw new OperationError('usage', '--url is not of the form postgres://user@host1:port,host2:port/database', { hint: 'The password is taken from PGPASSWORD: on the command line everybody on the machine could read it.' });
  const hosts = places.split(',').map((place) => {
    const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place) ?? [];
    if (host === '') throw new OperationError('usage', `--url has a host that is none: ${place}`);
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port ?? 5432) };
  });
  const password = environment['PGPASSWORD'];
  return { hosts, user: decodeURIComponent(user), database: decodeURIComponent(database), ...(password === undefined ? {} : { password: new Secret(password) }) };
}
