import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { ManagedAccount } from '../../domain/store-address.ts';

/** For programs that are asked for a token, such as `az`. */
const PROGRAM_MS = 15_000;

/** The token of the inventory, or one for the identity of this machine. Throws `management_refused`, without a word of any token. */
export async function managementToken({ endpoint, token }: ManagedAccount, signal: AbortSignal): Promise<Secret> {
  const found = token ?? (await ownToken(endpoint, signal));
  if (/^[\x21-\x7E]+$/.test(found.reveal())) return found;
  throw new OperationError('management_refused', 'the token for the management of the account is not a token', { detail: 'It has blanks, line ends or other characters that none has.' }); // else fetch would quote it in its error
}

/** The package is big: only who has no token waits for it. */
async function ownToken(endpoint: string, signal: AbortSignal): Promise<Secret> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  try {
    const { token } = await new DefaultAzureCredential({ processTimeoutInMs: PROGRAM_MS }).getToken(`${endpoint}/.default`, { abortSignal: signal });
    return new Secret(token);
  } catch (error) {
    throw new OperationError('management_refused', `no identity of this machine has a token for ${endpoint}`, {
      detail: `DefaultAzureCredential ended with ${error instanceof Error ? error.name : 'no reason'}.`,
      hint: 'Run `az login`, give the machine a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or name a token under `management.token` of the store.',
    });
  }
}
