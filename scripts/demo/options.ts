import { parseArgs } from 'node:util';

import { OperationError } from '../../domain/errors.ts';
import { parseSize } from '../../domain/sizes.ts';

export const STORIES = ['migrate', 'backup', 'failover'] as const;
export type Story = (typeof STORIES)[number];

export interface DemoOptions {
  readonly story: Story;
  readonly bytes: number;
  readonly writers: number;
  /** Transactions per second, all writers together. */
  readonly rate: number;
  /** Majors; the oldest and the newest there is, when absent. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The application goes through PgBouncer. */
  readonly pgbouncer: boolean;
  /** Where the report page of the story is left; it goes with the demo otherwise. */
  readonly page: string | undefined;
  readonly json: boolean;
  readonly keep: boolean;
}

export const USAGE = `npm run demo [-- options]

migrate: moves a database that an application is writing to, on servers of its own, and proves that nothing was lost.
backup: two nights of a policy, a damaged backup that is found out, and a restore that is compared with the source.

failover: a planned switchover in a cluster of three, a primary that is killed in a drill, and its return.

  --story <story>    migrate (default), backup or failover
  --size <size>      size of the database, for example 50MB or 2GB (default 200MB)
  --writers <n>      writers of the application (default 8)
  --rate <n>         transactions per second, all writers together (default 400)
  --from <major>     major version of the source (default: the oldest installed from 11 on; for backup the newest)
  --to <major>       major version of the target (default: the newest installed)
  --pgbouncer        lead the application through PgBouncer, which holds it back for the switch
  --page <file>      backup and failover: leave the report page there
  --json             print the report as one JSON object on stdout
  --keep             leave everything running at the end, and say how to look and how to stop it
  --help             print this

Exit code 0: both sides are equal and no write was lost or doubled; for backup: proven, the damage found, the restore equal; for
failover: nothing lost in the switchover, never two primaries, the old primary back.`;

/** Reads the command line; undefined when help is wanted. Error: `usage`. */
export function parseDemoOptions(words: readonly string[]): DemoOptions | undefined {
  const { values } = parse(words);
  if (values.help) return undefined;
  const bytes = parseSize(values.size);
  if (bytes === undefined) throw usage(`--size is for example 50MB or 2GB, not ${values.size}`);
  const story = STORIES.find((name) => name === values.story);
  if (story === undefined) throw usage(`--story is ${STORIES.join(' or ')}, not ${values.story}`);
  return {
    story,
    bytes,
    writers: wholeNumber('--writers', values.writers),
    rate: wholeNumber('--rate', values.rate),
    from: values.from === undefined ? undefined : wholeNumber('--from', values.from),
    to: values.to === undefined ? undefined : wholeNumber('--to', values.to),
    pgbouncer: values.pgbouncer,
    page: values.page,
    json: values.json,
    keep: values.keep,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        story: { type: 'string', default: 'migrate' },
        page: { type: 'string' },
        size: { type: 'string', default: '200MB' },
        writers: { type: 'string', default: '8' },
        rate: { type: 'string', default: '400' },
        from: { type: 'string' },
        to: { type: 'string' },
        pgbouncer: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw usage((error as Error).message.split('.')[0] ?? '');
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usage(`${option} is a whole number above 0, not ${text}`);
}

const usage = (message: string): OperationError => new OperationError('usage', message, { hint: 'Run `npm run demo -- --help`.' });
