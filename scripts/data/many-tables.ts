import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';

/** Tables made in one transaction, which holds locks on all that is theirs. */
const BATCH = 200;
const ROWS = 20;

export interface ManyTables {
  readonly server: ServerAddress;
  /** Created here; must not exist. */
  readonly database: string;
  readonly tables: number;
}

/** Creates a database as one of an application that gives every tenant tables of its own: very many, each with a few rows, a key and an index. */
export async function createManyTables({ server, database, tables }: ManyTables): Promise<void> {
  {
    await using session = await connect(server, { purpose: 'load' });
    await session.execute(`CREATE DATABASE ${quoteIdent(database)} TEMPLATE template0 ENCODING 'UTF8'`);
  }
  await using session = await connect(server, { purpose: 'load', database, settings: { synchronous_commit: 'off' } });
  for (let from = 1; from <= tables; from += BATCH) await session.execute(batchOf(from, Math.min(from + BATCH - 1, tables)));
}

const batchOf = (from: number, to: number): string => `
  DO $$ BEGIN
    FOR tenant IN ${from}..${to} LOOP
      EXECUTE format('CREATE TABLE public.%1$I (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, made_at timestamptz NOT NULL DEFAULT now(), amount numeric(12, 2));
        INSERT INTO public.%1$I (name, amount) SELECT ''item '' || i, i / 3.0 FROM generate_series(1, ${ROWS}) AS i;
        CREATE INDEX ON public.%1$I (name)', 'tenant_' || tenant);
    END LOOP;
  END $$`;
