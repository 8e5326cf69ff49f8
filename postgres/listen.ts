import { quoteIdent } from './quoting.ts';
import type { Session } from './connection.ts';

/** Hears notifications on a channel for as long as the session lives, each with its payload. */
export async function listenTo(session: Session, channel: string, hear: (payload: string) => void): Promise<void> {
  session.client.on('notification', (message) => {
    if (message.channel === channel) hear(message.payload ?? '');
  });
  await session.execute(`LISTEN ${quoteIdent(channel)}`);
}

/** Calls `lost` once, when the connection has broken. */
export function whenLost(session: Session, lost: () => void): void {
  session.client.once('error', lost);
  session.client.once('end', lost);
}
