import { expect, it } from 'vitest';

import type { AgentFacts, AgentJournal } from '../../agent/agent-journal.ts';
import { OrderBook } from '../../agent/order-book.ts';
import { epochOf } from '../../domain/cluster/epoch.ts';

function journalInMemory(): AgentJournal {
  let facts: AgentFacts = { epoch: null, destructiveStep: null, rewriteEnded: false, selfFencedAt: null, window: null };
  return { facts: () => facts, keep: async (change) => void (facts = { ...facts, ...change }) };
}

const order = (epoch: number, operation = `op${epoch}`) => ({ cluster: 'shop', epoch: epochOf(epoch), operation });

it('keeps a higher epoch before it acts, and refuses a lower one from then on', async () => {
  const journal = journalInMemory();
  const book = new OrderBook('n1', journal);
  expect(await book.obey(order(2), 'stop', async () => journal.facts().epoch)).toBe(2);
  expect(() => book.obey(order(1), 'stop', async () => 'done')).toThrow(expect.objectContaining({ code: 'epoch_refused', detail: 'It is of epoch 1; the node has seen 2.' }));
  expect(await book.obey(order(2, 'another'), 'stop', async () => 'done')).toBe('done');
});

it('does one at a time, in the order they came', async () => {
  const book = new OrderBook('n1', journalInMemory());
  const done: string[] = [];
  const work = (name: string) => async () => {
    done.push(`begin ${name}`);
    await Promise.resolve();
    done.push(`end ${name}`);
  };
  await Promise.all([book.obey(order(1), 'a', work('a')), book.obey(order(1), 'b', work('b'))]);
  expect(done).toEqual(['begin a', 'end a', 'begin b', 'end b']);
});

it('goes on after one that failed', async () => {
  const book = new OrderBook('n1', journalInMemory());
  const failing = book.obey(order(1), 'a', async () => {
    throw new Error('no');
  });
  const next = book.obey(order(1), 'b', async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});

it('lets the same order attach to the one that runs, and runs it again when it has ended', async () => {
  const book = new OrderBook('n1', journalInMemory());
  let runs = 0;
  const work = async () => {
    runs += 1;
    await Promise.resolve();
    return runs;
  };
  expect(await Promise.all([book.obey(order(1), 'stop', work), book.obey(order(1), 'stop', work)])).toEqual([1, 1]);
  expect(await book.obey(order(1), 'stop', work)).toBe(2);
});

it('HA59 tells an order to end when one of a higher epoch comes, and refuses those of the lower that still wait', async () => {
  const book = new OrderBook('n1', journalInMemory());
  const old = book.obey(order(1), 'clone', (signal) => new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  }));
  const waiting = book.obey(order(1), 'follow', async () => 'done');
  await Promise.resolve();
  await Promise.resolve();
  await new Promise((resolve) => void setImmediate(resolve));
  const urgent = book.obey(order(2), 'fence', async () => 'fenced');
  await expect(old).rejects.toMatchObject({ code: 'epoch_refused' });
  expect(await waiting).toBe('done'); // it came before anybody knew of epoch 2
  expect(await urgent).toBe('fenced');
  expect(() => book.obey(order(1), 'follow', async () => 'done')).toThrow(expect.objectContaining({ code: 'epoch_refused' }));
});
