import type { LinkFacts } from '../../domain/preflight/facts.ts';
import type { Session } from '../connection.ts';

const ROUND_TRIPS = 5;
const CHUNK_BYTES = 1024 * 1024;
const MOST_CHUNKS = 64;
const MOST_MS = 100;

/** Measures the way to a server, in the direction in which a copy uses it, in about a tenth of a second. */
export async function measureLink(session: Session, direction: 'from' | 'to'): Promise<LinkFacts> {
  return { roundTripSeconds: await measureRoundTrip(session), bytesPerSecond: await measureBytes(session, direction) };
}

async function measureRoundTrip(session: Session): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const began = performance.now();
    await session.execute('SELECT 1');
    times.push((performance.now() - began) / 1000);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(ROUND_TRIPS / 2)]!;
}

async function measureBytes(session: Session, direction: 'from' | 'to'): Promise<number> {
  const chunk = 'x'.repeat(CHUNK_BYTES);
  const began = performance.now();
  let chunks = 0;
  while (chunks < MOST_CHUNKS && performance.now() - began < MOST_MS) {
    if (direction === 'from') await session.rows('SELECT pg_catalog.repeat($1, $2) AS chunk', ['x', CHUNK_BYTES]);
    else await session.rows('SELECT pg_catalog.length($1::text) AS length', [chunk]);
    chunks += 1;
  }
  return (chunks * CHUNK_BYTES) / ((performance.now() - began) / 1000);
}
