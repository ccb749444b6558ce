/** @file One HTTP server: /graphql, /worker/*, /health, and everything else the pages. Cookies, Origin and the content security policy. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin, HTTPGraphQLRequest } from '@apollo/server';
import { answer, databaseAway, HttpError, readJson } from './bodies.ts';
import { createIngest } from './ingest.ts';
import { limits, limitsRule } from './limits.ts';
import { refusalOf } from './origin.ts';
import { refuse } from './refusal.ts';
import { schema } from './schema/schema.ts';
import type { Context } from './schema/builder.ts';
import type { Services } from './services.ts';
import { createLoaders } from './store/loaders.ts';
import { newPerson, personBySecret } from './store/people.ts';
import { tellError } from './tellError.ts';

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const cookieName = 'plateau_person';
const cookieSeconds = 5 * 365 * 24 * 3600;

function cookieOf(request: IncomingMessage): string | null {
  const match = /(?:^|;\s*)plateau_person=([\w-]+)/.exec(request.headers.cookie ?? '');
  return match?.[1] ?? null;
}

/** No inline script but Next's own, which carry the nonce; styles inline because Plotly sets them. */
function policy(nonce: string, dev: boolean): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}'${dev ? ` 'unsafe-eval'` : ''}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self'`,
    `worker-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

function secure(request: IncomingMessage, response: ServerResponse, dev: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  const nonce = randomBytes(16).toString('base64');
  const text = policy(nonce, dev);
  // Next reads the nonce off the request and puts it on its scripts.
  request.headers['content-security-policy'] = text;
  request.headers['x-nonce'] = nonce;
  response.setHeader('content-security-policy', text);
}

export function createPersons({ client }: Pick<Services, 'client'>) {
  const personOf = async (request: IncomingMessage) => {
    const secret = cookieOf(request);
    return secret ? personBySecret(client.db, secret) : null;
  };
  return {
    personOf,
    /** Of a browser that has no cookie yet: a new person, and the cookie with the answer. */
    async meet(request: IncomingMessage, response: ServerResponse) {
      const known = await personOf(request);
      if (known) return known;
      const { person, secret } = await newPerson(client.db);
      response.appendHeader('set-cookie', `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${cookieSeconds}`);
      return person;
    },
  };
}

/** What Apollo would run as a query, and fail. */
const byPost: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    async didResolveOperation({ operation }) {
      if (operation?.operation === 'subscription')
        refuse('subscriptions come by WebSocket (graphql-transport-ws), got POST', 'BAD_USER_INPUT', { http: { status: 400 } });
    },
  }),
};

async function createGraphQL(services: Services) {
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    validationRules: [limitsRule],
    parseOptions: { maxTokens: limits.tokens },
    logger: { debug() {}, info() {}, warn: services.log, error: services.log },
    formatError: (formatted, error) => tellError(formatted, error, services.log),
    persistedQueries: false,
    plugins: [byPost],
  });
  await apollo.start();
  return apollo;
}

export interface Http {
  readonly server: Server;
  /** Which pages answer what is not ours; set once they are ready. */
  show(pages: Pages): void;
  close(): Promise<void>;
}

export async function createHttp(services: Services, { token, dev }: { token: string; dev: boolean }): Promise<Http> {
  const apollo = await createGraphQL(services);
  const ingest = createIngest(services, token);
  const persons = createPersons(services);
  let pages: Pages = async (_, response) => answer(response, 404, { error: 'this server has no pages' });

  async function graphql(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method !== 'POST') throw new HttpError(405, `/graphql takes POST and WebSocket, got ${request.method}`);
    if (!/^application\/(json|graphql\+json)\b/.test(request.headers['content-type'] ?? ''))
      throw new HttpError(415, `content-type must be application/json, got ${JSON.stringify(request.headers['content-type'] ?? null)}`);
    // a question to `inspect` brings its weights along; everything else is short
    const body = await readJson(request, url.searchParams.has('inspect') ? limits.inspectBytes : limits.bodyBytes);
    if (Array.isArray(body)) throw new HttpError(400, 'batches of operations are not taken');
    const person = await persons.meet(request, response);
    const headers = new HeaderMap();
    for (const [key, value] of Object.entries(request.headers))
      if (value !== undefined) headers.set(key, Array.isArray(value) ? value.join(', ') : value);
    const httpGraphQLRequest: HTTPGraphQLRequest = { method: 'POST', headers, search: url.search, body };
    const result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context: async () => ({ services, person, loaders: createLoaders(services.client.db) }),
    });
    for (const [key, value] of result.headers) response.setHeader(key, value);
    response.setHeader('cache-control', 'no-store');
    response.statusCode = result.status ?? 200;
    if (result.body.kind === 'complete') return void response.end(result.body.string);
    for await (const part of result.body.asyncIterator) response.write(part);
    response.end();
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (!url) throw new HttpError(400, `the address cannot be read: ${JSON.stringify((request.url ?? '').slice(0, 80))}`);
    // Workers hold a token and may come from anywhere that reaches this address.
    if (url.pathname.startsWith('/worker/')) return ingest(request, response, url);
    const refusal = refusalOf(request, { write: url.pathname === '/graphql' || !['GET', 'HEAD'].includes(request.method ?? '') });
    if (refusal) throw new HttpError(403, refusal);
    if (url.pathname === '/graphql') return graphql(request, response, url);
    if (url.pathname === '/health') return answer(response, 200, { ok: true });
    if (!url.pathname.startsWith('/_next/')) {
      secure(request, response, dev);
      if ((request.headers.accept ?? '').includes('text/html')) await persons.meet(request, response).catch(() => null);
    }
    return pages(request, response);
  }

  const server = createServer(
    { keepAliveTimeout: 30_000, headersTimeout: 20_000, requestTimeout: 120_000, maxHeaderSize: 32 * 1024 },
    (request, response) => {
      route(request, response).catch((error: unknown) => {
        if (response.headersSent) return void response.destroy();
        if (!request.complete) response.setHeader('connection', 'close');
        if (error instanceof HttpError)
          return answer(response, error.status, { errors: [{ message: error.message }], error: error.message });
        if (databaseAway(error))
          return answer(response, 503, { errors: [{ message: 'the database is away; try again', extensions: { code: 'UNAVAILABLE' } }] });
        services.log(`http: ${request.method} ${request.url}: ${(error as Error).stack ?? String(error)}`);
        answer(response, 500, { errors: [{ message: 'something went wrong here; the server has written it down' }] });
      });
    },
  );

  return {
    server,
    show(next) {
      pages = next;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(force);
      await apollo.stop();
    },
  };
}
