'use client';
/** @file The browser's line to the server: one WebSocket for everything live, plain requests for the rest, and the state of both. */
import { createClient, MessageType, type Client } from 'graphql-ws';

export type Connection = { readonly state: 'connecting' | 'live' | 'offline'; readonly latencyMs: number | null };

let connection: Connection = { state: 'connecting', latencyMs: null };
const watchers = new Set<() => void>();
const pingEveryMs = 5_000;

function change(next: Connection): void {
  connection = next;
  for (const watcher of watchers) watcher();
}

/** For `useSyncExternalStore`. */
export const connectionStore = {
  subscribe(watcher: () => void) {
    line();
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
  get: () => connection,
};

let opened: Client | null = null;
/** The socket, opened at the first use and again for ever when it is cut. */
function line(): Client {
  if (opened) return opened;
  let pingedAt = 0;
  const ping = (socket: unknown) => {
    pingedAt = performance.now();
    (socket as WebSocket).send(JSON.stringify({ type: MessageType.Ping }));
  };
  opened = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: false,
    keepAlive: pingEveryMs,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async (attempt) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 200 * 2 ** attempt) * (0.5 + Math.random()))),
    on: {
      connecting: () => change({ state: 'connecting', latencyMs: null }),
      connected: (socket) => {
        change({ state: 'live', latencyMs: connection.latencyMs });
        ping(socket); // the first latency now, not when the line has been silent for a while
      },
      closed: () => change({ state: 'offline', latencyMs: null }),
      ping: (received) => {
        if (!received) pingedAt = performance.now();
      },
      pong: (received) => {
        if (received && pingedAt > 0) change({ state: 'live', latencyMs: Math.round(performance.now() - pingedAt) });
      },
    },
  });
  return opened;
}

/** What the server refused, with the faults of a spec where it was one. */
export class RequestError extends Error {
  readonly issues: readonly { path: string; message: string }[];
  constructor(message: string, issues: RequestError['issues'] = []) {
    super(message);
    this.name = 'RequestError';
    this.issues = issues;
  }
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly issues?: RequestError['issues'] };
}

/** One query or mutation. Throws RequestError with the server's own sentence. */
export async function request<T>(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  signal?: AbortSignal,
  address = '/graphql',
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new RequestError('the server cannot be reached; what is on this page stays as it is');
  }
  const { data, errors } = (await answer.json().catch(() => ({ errors: [{ message: `the server answered ${answer.status}` }] }))) as {
    data?: T;
    errors?: GraphqlError[];
  };
  if (errors?.[0]) throw new RequestError(errors.map(({ message }) => message).join('; '), errors[0].extensions?.issues);
  return data!;
}

/**
 * A subscription that survives cuts: graphql-ws subscribes again after a reconnect. `variables` may be a function, asked again each time,
 * so that a cursor goes on from where it was. Returns the end of it.
 */
export function subscribe<T>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  onData: (data: T) => void,
  onError: (error: RequestError) => void = (error) => console.error(error),
): () => void {
  return line().subscribe<T>(
    { query, variables: variables as Record<string, unknown> },
    {
      next: ({ data, errors }) => {
        if (errors?.[0]) onError(new RequestError(errors[0].message));
        else if (data) onData(data);
      },
      error: (error) =>
        onError(
          new RequestError(
            Array.isArray(error)
              ? (error as GraphqlError[]).map(({ message }) => message).join('; ')
              : String((error as Error).message ?? error),
          ),
        ),
      complete: () => {},
    },
  );
}
