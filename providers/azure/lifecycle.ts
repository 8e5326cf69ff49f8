import { setTimeout as pause } from 'node:timers/promises';

import { lifecycleRulesOf, type LifecycleRule } from '../../domain/backup/lifecycle-rule.ts';
import { OperationError, reportOf } from '../../domain/errors.ts';
import type { Fact } from '../../domain/preflight/fact.ts';
import type { Secret } from '../../domain/secret.ts';
import type { ManagedAccount } from '../../domain/store-address.ts';
import { managementToken } from './management-token.ts';

/** https://learn.microsoft.com/rest/api/storagerp/management-policies/get */
const API_VERSION = '2023-05-01';
const NO_RULES = 'ManagementPolicyNotFound';

export interface AskingLimits {
  readonly attempts: number;
  readonly delayMs: number;
  /** A service that asks for more is not waited for: a person is. */
  readonly longestDelayMs: number;
  /** Of one request with its answer, and of the search for a token. */
  readonly requestMs: number;
}

const LIMITS: AskingLimits = { attempts: 3, delayMs: 500, longestDelayMs: 10_000, requestMs: 20_000 };

/** The lifecycle rules of a storage account. That it has none is known only when the management says so. */
export async function readLifecycle(account: ManagedAccount, limits: AskingLimits = LIMITS): Promise<Fact<readonly LifecycleRule[]>> {
  try {
    const answer = await askPatiently(account, await managementToken(account, AbortSignal.timeout(limits.requestMs)), limits);
    if (answer.status === 200) return lifecycleRulesOf(answer.body);
    if (answer.status === 404 && answer.code === NO_RULES) return { ok: [] };
    throw refusal(account, answer);
  } catch (error) {
    return { failed: reportOf(error) };
  }
}

interface Answer {
  readonly status: number;
  /** Of an error, in the words of the management. */
  readonly code: string | undefined;
  readonly body: unknown;
  readonly askedMs: number | undefined;
}

async function askPatiently(account: ManagedAccount, token: Secret, { attempts, delayMs, longestDelayMs, requestMs }: AskingLimits): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(account, token, requestMs).catch((error: unknown) => silence(account, error));
    const waitMs = 'askedMs' in answer ? (answer.askedMs ?? delayMs * attempt) : delayMs * attempt;
    const passing = !('status' in answer) || answer.status === 429 || answer.status >= 500;
    if (passing && attempt < attempts && waitMs <= longestDelayMs) await pause(waitMs);
    else if ('status' in answer) return answer;
    else throw answer;
  }
}

async function ask({ endpoint, subscription, resourceGroup, account }: ManagedAccount, token: Secret, requestMs: number): Promise<Answer> {
  const path = ['subscriptions', subscription, 'resourceGroups', resourceGroup, 'providers', 'Microsoft.Storage', 'storageAccounts', account, 'managementPolicies', 'default'].map(encodeURIComponent).join('/');
  const response = await fetch(`${endpoint}/${path}?api-version=${API_VERSION}`, {
    headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
    redirect: 'manual', // a token goes where the inventory says, and nowhere else
    signal: AbortSignal.timeout(requestMs),
  });
  const body = parsed(await response.text());
  const code = (body as { readonly error?: { readonly code?: unknown } } | null)?.error?.code;
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { status: response.status, code: typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : undefined, body, askedMs: Number.isFinite(after) ? after * 1000 : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** By code alone: texts of errors may quote what was sent. */
function silence({ endpoint, account }: ManagedAccount, error: unknown): OperationError {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
  const why = name === 'TimeoutError' ? 'It did not answer in time.' : `The connection could not be made or broke (${cause?.code ?? 'no code'}).`;
  return new OperationError('management_failed', `the management of account ${account} at ${endpoint} does not answer`, { detail: why });
}

function refusal({ account, resourceGroup, subscription, endpoint }: ManagedAccount, { status, code, askedMs }: Answer): OperationError {
  const detail = `It answered ${status}${code === undefined ? '' : ` ${code}`}.`;
  const refused = (message: string, hint: string): OperationError => new OperationError('management_refused', message, { detail, hint });
  if (status === 401) return refused(`the management of account ${account} does not take our token`, `A token is good for about an hour: \`az account get-access-token --resource ${endpoint}\` makes another.`);
  if (status === 403) return refused(`we may not read the lifecycle rules of account ${account}`, 'Give our identity the role Reader on the account, or the action Microsoft.Storage/storageAccounts/managementPolicies/read alone.');
  if (status === 404) return refused(`the management does not know account ${account} in resource group ${resourceGroup} of subscription ${subscription}`, 'Check `account` and `management` of the store in the inventory.');
  const failed = (message: string, hint?: string): OperationError => new OperationError('management_failed', message, { detail, hint });
  if (status === 429) return failed(`the management of account ${account} is asked too often`, `Try again ${askedMs === undefined ? 'later' : `in ${Math.ceil(askedMs / 1000)} seconds`}.`);
  if (status >= 500) return failed(`the management of account ${account} failed`, 'Try again later.');
  return failed(`the management of account ${account} gave an answer that we do not know`, 'Check `management.endpoint` of the store in the inventory.');
}
