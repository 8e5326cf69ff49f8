import { BlobServiceClient, type BlobItem } from '@azure/storage-blob';

import type { KeepingFacts } from '../domain/backup/keeping-facts.ts';
import { reportOf } from '../domain/errors.ts';
import type { Fact } from '../domain/preflight/fact.ts';
import type { AzureBlobAddress, StoreAddress } from '../domain/store-address.ts';
import { openContainer, type Container } from './azure/container.ts';
import { asStoreError, isMissing } from './azure/store-error.ts';
import { PATIENCE } from './patience.ts';

/** What a store does with objects by itself. Each question is asked apart: a token that may not ask one of them may ask the others. */
export async function readKeepingFacts(address: StoreAddress): Promise<KeepingFacts> {
  if (address.kind === 'directory') return { kind: 'directory', account: '', container: address.path, prefix: '', locked: { ok: { immutabilityPolicy: false, legalHold: false } }, softDeleteDays: { ok: null }, versions: { ok: false }, tiers: { ok: { archived: 0, firstArchived: null, others: [] } } };
  const container = openContainer(address, PATIENCE);
  const objects = ask(container, () => lookAtObjects(container));
  return {
    kind: 'azure-blob',
    account: address.account,
    container: address.container,
    prefix: address.prefix,
    locked: await ask(container, async () => {
      const { hasImmutabilityPolicy = false, hasLegalHold = false } = await container.client.getProperties();
      return { immutabilityPolicy: hasImmutabilityPolicy, legalHold: hasLegalHold };
    }),
    softDeleteDays: await ask(container, () => softDeleteDaysOf(address, container)),
    versions: part(await objects, ({ versions }) => versions),
    tiers: part(await objects, ({ tiers }) => tiers),
  };
}

async function softDeleteDaysOf({ endpoint }: AzureBlobAddress, { client }: Container): Promise<number | null> {
  const { deleteRetentionPolicy } = await new BlobServiceClient(endpoint, client.credential).getProperties();
  return deleteRetentionPolicy?.enabled === true ? (deleteRetentionPolicy.days ?? 0) : null;
}

interface LookedAt {
  readonly versions: boolean;
  readonly tiers: { archived: number; firstArchived: string | null; others: string[] };
}

/** Tiers are a property of each object; and that one has a version shows that versions are kept. */
async function lookAtObjects({ client, prefix }: Container): Promise<LookedAt> {
  let versions = false;
  let archived = 0;
  let firstArchived: string | null = null;
  const others = new Set<string>();
  for await (const { name, versionId, properties } of client.listBlobsFlat({ prefix })) {
    versions ||= versionId !== undefined && versionId !== '';
    if (isArchived(properties)) {
      archived += 1;
      firstArchived ??= name.slice(prefix.length);
    } else if (properties.accessTier !== undefined) others.add(properties.accessTier);
  }
  return { versions, tiers: { archived, firstArchived, others: [...others].toSorted() } };
}

const isArchived = ({ accessTier, archiveStatus }: BlobItem['properties']): boolean => accessTier === 'Archive' || archiveStatus !== undefined;

async function ask<T>({ client }: Container, question: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: await question() };
  } catch (error) {
    if (isMissing(error)) return { failed: { code: 'store_failed', message: `container ${client.containerName} is not there yet`, detail: 'The first backup makes it.', hint: 'Run the policy once, then look again.' } };
    return { failed: reportOf(asStoreError(error, client.containerName)) };
  }
}

const part = <T, U>(fact: Fact<T>, of: (value: T) => U): Fact<U> => ('failed' in fact ? fact : { ok: of(fact.ok) });
