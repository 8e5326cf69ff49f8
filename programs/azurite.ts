import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Secret } from '../domain/secret.ts';
import { detachedPid, startDetached } from './detached-process.ts';
import { assertPortFree, isListening } from './ports.ts';

export interface AzuritePlan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Where the blobs are kept. */
  readonly dataDir: string;
  /** Default: Azurite's own `devstoreaccount1`, whose key everybody knows. `key` is 64 bytes in base64. */
  readonly account?: { readonly name: string; readonly key: Secret };
  /** PEM files; with them it speaks TLS and nothing else. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly logFile: string;
  readonly pidFile: string;
}

/**
 * Starts Azurite's blob service and waits until it serves; it goes on when we end, until `stopDetached(pidFile)`. One that
 * was started with the same pid file is used.
 *
 * @returns the service's base URL: `http://127.0.0.1:<port>` (`https` with TLS); an account's URL is that and `/<account>`
 *
 * Errors: `port_in_use`, `program_failed` with the end of its log.
 */
export async function startAzurite(plan: AzuritePlan): Promise<string> {
  if ((await detachedPid(plan.pidFile)) === undefined) await assertPortFree(plan.port, 'the object store Azurite');
  await mkdir(plan.dataDir, { recursive: true });
  await startDetached({
    name: 'object store Azurite',
    program: process.execPath,
    // The version of the API that our client speaks is usually newer than the ones Azurite lists.
    args: [
      blobService(),
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(plan.port),
      '--location',
      plan.dataDir,
      ...(plan.tls === undefined ? [] : ['--cert', plan.tls.certFile, '--key', plan.tls.keyFile]),
    ],
    env: plan.account ? { AZURITE_ACCOUNTS: `${plan.account.name}:${plan.account.key.reveal()}` } : {},
    logFile: plan.logFile,
    pidFile: plan.pidFile,
    ready: () => isListening(plan.port),
  });
  return `${plan.tls === undefined ? 'http' : 'https'}://127.0.0.1:${plan.port}`;
}

/** The version of the Azurite that is installed with us. */
export const azuriteVersion = (): string => azuritePackage().version;

function blobService(): string {
  const { folder, bin } = azuritePackage();
  return join(folder, bin['azurite-blob'] as string);
}

function azuritePackage() {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('azurite/package.json');
  const { version, bin } = require(manifest) as { version: string; bin: Record<string, string> };
  return { version, bin, folder: dirname(manifest) };
}
