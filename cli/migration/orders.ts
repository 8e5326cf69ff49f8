import type { Command } from 'commander';

import { connectClient } from '../../client/connect-client.ts';
import { type MigrationOrder, orderMigration } from '../../client/migrations.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { confirm } from '../confirm.ts';
import { printResult } from '../output.ts';
import { checkMigrationName } from './wanted-migration.ts';

export interface OrderOptions {
  readonly by: string;
  readonly note?: string;
  readonly yes?: boolean;
}

interface OrderRow {
  readonly description: string;
  /** What is asked before the order is given. */
  readonly question?: (migration: string) => string;
  /** What is printed when it was taken. */
  readonly taken: (migration: string) => string;
}

export const ORDERS: Readonly<Record<MigrationOrder, OrderRow>> = {
  approve: {
    description: 'Lets the cutover of a migration begin, which waits for it.',
    taken: (migration) => `Approved. \`pgconvoy migrate status ${migration} --watch\` shows the cutover.`,
  },
  pause: { description: 'Lets a migration begin no further step; changes go on being followed.', taken: (migration) => `No other phase begins. \`pgconvoy migrate resume ${migration}\` goes on.` },
  resume: { description: 'Lets a migration go on that was paused, or that was parked with a problem that is mended now.', taken: () => 'It goes on.' },
  abort: {
    description: 'Ends a migration before its switch and leaves both servers as they were: all that it has copied is removed.',
    question: (migration) => `This removes all that migration "${migration}" has made on both servers, and what it has copied. Go on?`,
    taken: (migration) => `It is being taken back; \`pgconvoy migrate status ${migration} --watch\` shows when that is done.`,
  },
  commit: { description: 'Ends a migration after its switch: removes what it made on both servers. The way back ends with it.', taken: () => 'Committed. What the migration made on both servers is being removed.' },
};

/** Gives an order to a migration under way. */
export async function giveOrder(order: MigrationOrder, migration: string, { by, note, yes = false }: OrderOptions, command: Command): Promise<void> {
  checkMigrationName(migration, command);
  const { question, taken } = ORDERS[order];
  if (question !== undefined) await confirm({ text: question(migration), yes, act: `${order} migration "${migration}"` });
  await using open = await connectClient(temporalConnection());
  const receipt = await orderMigration(open.client, migration, order, { by, ...(note === undefined ? {} : { note }) }).catch((error: unknown) => {
    throw asAnswerable(error, `migration "${migration}"`);
  });
  printResult(command, receipt, () => taken(migration));
}
