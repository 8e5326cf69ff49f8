import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As a status: the connection is closed; nothing is ever answered. */
export const HANG_UP = 0;
export const SILENT = -1;

/** What it answers in place of the truth. */
export interface Trouble {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  /** So many times; for good without. */
  times?: number;
}

interface Known {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly account: string;
  readonly token: string;
}

/** Speaks as the Azure Resource Manager does of one storage account's lifecycle rules, and gives tokens as a managed identity of App Service does. */
export class FakeManagement {
  readonly #server: Server;
  readonly #known: Known;
  /** Null: the account has none. */
  rules: readonly object[] | null = null;
  trouble: Trouble | undefined;
  asked = 0;
  /** Of the managed identity: the resources that a token was asked for. */
  readonly tokensFor: string[] = [];

  constructor(known: Known) {
    this.#known = known;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((listening) => void this.#server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => void this.#server.close(closed));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://management');
    if (url.pathname === '/msi/token') return this.#giveToken(url, request, response);
    this.asked += 1;
    const { trouble } = this;
    if (trouble !== undefined && trouble.times !== 0) {
      if (trouble.times !== undefined) trouble.times -= 1;
      if (trouble.status === HANG_UP) return void request.socket.destroy();
      if (trouble.status === SILENT) return;
      return send(response, trouble.status, trouble.text ?? error(trouble.code ?? 'Unspecified'), trouble.headers);
    }
    return send(response, ...this.#truth(request, url));
  }

  #truth(request: IncomingMessage, url: URL): [number, object] {
    const { subscription, resourceGroup, account, token } = this.#known;
    if (request.headers.authorization === undefined) return [401, error('AuthenticationFailed')];
    if (request.headers.authorization !== `Bearer ${token}`) return [401, error('InvalidAuthenticationToken')];
    const asked = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.storage\/storageaccounts\/([^/]+)\/managementpolicies\/default$/i.exec(url.pathname);
    if (asked === null || request.method !== 'GET') return [404, error('InvalidResourceType')];
    if (!/^\d{4}-\d\d-\d\d$/.test(url.searchParams.get('api-version') ?? '')) return [400, error('MissingApiVersionParameter')];
    if (asked[1] !== subscription) return [404, error('SubscriptionNotFound')];
    if (decodeURIComponent(asked[2]!).toLowerCase() !== resourceGroup.toLowerCase()) return [404, error('ResourceGroupNotFound')];
    if (asked[3] !== account) return [404, error('ResourceNotFound')];
    if (this.rules === null) return [404, error('ManagementPolicyNotFound')];
    const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/${account}/managementPolicies/default`;
    return [200, { id, name: 'DefaultManagementPolicy', type: 'Microsoft.Storage/storageAccounts/managementPolicies', properties: { lastModifiedTime: '2026-01-02T03:04:05.6789012Z', policy: { rules: this.rules } } }];
  }

  #giveToken(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers['x-identity-header'] !== 'let-me') return send(response, 400, error('bad_request'));
    const resource = url.searchParams.get('resource') ?? '';
    this.tokensFor.push(resource);
    return send(response, 200, { access_token: this.#known.token, expires_on: String(Math.floor(Date.now() / 1000) + 3600), resource, token_type: 'Bearer', client_id: '00000000-0000-0000-0000-00000000000c' });
  }
}

const error = (code: string): object => ({ error: { code, message: `The request ended with ${code}.` } });

function send(response: ServerResponse, status: number, body: object | string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
