/**
 * Whether a manifest that the catalog knows nothing of has to be signed: when its policy has a key; or, when there is no policy of
 * that name, as soon as any has one. Who can write to the store could have taken the signature away, and the policy's name with it.
 */
export function mustBeSigned(policies: Readonly<Record<string, { readonly encryption?: string | undefined }>>, policy: string | null): boolean {
  const own = policy === null || !Object.hasOwn(policies, policy) ? undefined : policies[policy];
  return own === undefined ? Object.values(policies).some(({ encryption }) => encryption !== undefined) : own.encryption !== undefined;
}
