import type { ObjectStore, StoredObject } from '../../../storage/object-store.ts';

/** Flips one bit in the largest data object of a backup, as a failing disk or a hand would. Gives its name. */
export async function damageOneObject(store: ObjectStore, prefix: string): Promise<string> {
  let largest: StoredObject | undefined;
  for await (const object of store.list(`${prefix}files/`)) if (largest === undefined || object.bytes > largest.bytes) largest = object;
  if (largest === undefined) throw new Error(`there is nothing below ${prefix}`);
  const content = Buffer.concat(await pieces(store.get(largest.name)));
  const at = Math.floor(content.length / 2);
  content[at] = content[at]! ^ 1;
  await store.delete(largest.name);
  await store.put({ name: largest.name, content: one(content) });
  return largest.name;
}

async function pieces(content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of content) all.push(piece);
  return all;
}

async function* one(content: Buffer): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield content;
}
