/** @file The worker's line to the server: the requests of core/protocol.ts over HTTP, and how to wait when it does not answer. */
import { openAsBlob } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type * as protocol from '#core/protocol.ts';

/** `fenced`: the run is another's now. `refused`: wrong in itself, sending it again is no use. `unknown`: register again. `away`: try again later. */
export type Failure = 'fenced' | 'refused' | 'tooLarge' | 'unauthorized' | 'unknown' | 'away';

class LinkError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export const failureOf = (error: unknown): Failure => (error instanceof LinkError ? error.failure : 'away');

/** What identifies a claim: appended to the URL of everything a run sends. */
export interface Claim {
  readonly worker: string;
  readonly run: string;
  readonly attempt: number;
}

export interface Link {
  register(request: protocol.RegisterRequest): Promise<protocol.RegisterAnswer>;
  claim(request: protocol.ClaimRequest, signal?: AbortSignal): Promise<protocol.ClaimAnswer>;
  append(claim: Claim, chunks: readonly Uint8Array[], signal?: AbortSignal): Promise<protocol.AppendAnswer>;
  heartbeat(request: protocol.HeartbeatRequest): Promise<protocol.HeartbeatAnswer>;
  report(request: protocol.ReportRequest, signal?: AbortSignal): Promise<protocol.ReportAnswer>;
  putCheckpoint(claim: Claim, step: number, path: string, signal?: AbortSignal): Promise<void>;
  /** The bytes of the stored checkpoint, null when there is none. */
  getCheckpoint(claim: Claim, signal?: AbortSignal): Promise<Uint8Array | null>;
}

const failures: Readonly<Record<number, Failure>> = {
  400: 'refused',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'unknown',
  405: 'unknown',
  409: 'fenced',
  413: 'tooLarge',
};

export function openLink(server: string, token: string, { timeoutMs = 15_000 } = {}): Link {
  const base = server.replace(/\/+$/, '');
  const authorization = `Bearer ${token}`;
  /** One request; the answer's status decides between an answer and a LinkError. Connections are kept alive by fetch. */
  const request = async (
    method: string,
    path: string,
    init: { body?: BodyInit; type?: string; timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Response> => {
    const limit = AbortSignal.timeout(init.timeoutMs ?? timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    const headers = { authorization, ...(init.type ? { 'content-type': init.type } : {}) };
    let response: Response;
    try {
      response = await fetch(base + path, { method, headers, signal, ...(init.body === undefined ? {} : { body: init.body }) });
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      const named = cause?.code && !cause.code.startsWith('UND_ERR') ? cause.code : cause?.message; // fetch's own codes say less than its words
      const why = named ?? (error as Error).message;
      throw new LinkError('away', `${base} does not answer ${method} ${path}: ${why}`, { cause: error });
    }
    if (response.ok) return response;
    const text = (await response.text().catch(() => '')).slice(0, 500);
    throw new LinkError(failures[response.status] ?? 'away', `${base} answers ${method} ${path} with ${response.status} ${text}`.trim());
  };
  const post = async <Answer>(path: string, body: unknown, init: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Answer> => {
    const response = await request('POST', path, { body: JSON.stringify(body), type: 'application/json', ...init });
    try {
      return (await response.json()) as Answer;
    } catch (error) {
      throw unread(path, error);
    }
  };
  /** A whole answer that is no JSON is not of Plateau's server, but perhaps of what stands before it. */
  const unread = (path: string, cause: unknown): LinkError =>
    new LinkError('away', `${base} answers POST ${path} with ${cause instanceof SyntaxError ? 'what is no JSON' : 'a part alone'}`, {
      cause,
    });
  const query = (claim: Claim, more: Readonly<Record<string, string>> = {}): string =>
    `?${new URLSearchParams({ worker: claim.worker, run: claim.run, attempt: String(claim.attempt), ...more })}`;

  return {
    register: (body) => post('/worker/register', body),
    claim: (body, signal) => post('/worker/claim', body, { timeoutMs: body.waitMs + timeoutMs, ...(signal ? { signal } : {}) }),
    heartbeat: (body) => post('/worker/heartbeat', body),
    report: (body, signal) => post('/worker/report', body, signal ? { signal } : {}),
    async append(claim, chunks, signal) {
      const body = joinChunks(chunks);
      const path = `/worker/append${query(claim)}`;
      const response = await request('POST', path, { body, type: 'application/octet-stream', ...(signal ? { signal } : {}) });
      return (await response.json().catch((cause: unknown) => {
        throw unread(path, cause);
      })) as protocol.AppendAnswer;
    },
    async putCheckpoint(claim, step, path, signal) {
      const body = await openAsBlob(path); // streamed from the file, never whole in memory
      const url = `/worker/checkpoint${query(claim, { step: String(step) })}`;
      const response = await request('PUT', url, {
        body,
        type: 'application/octet-stream',
        timeoutMs: 300_000,
        ...(signal ? { signal } : {}),
      });
      await response.arrayBuffer();
    },
    async getCheckpoint(claim, signal) {
      try {
        const response = await request('GET', `/worker/checkpoint${query(claim)}`, { timeoutMs: 300_000, ...(signal ? { signal } : {}) });
        return new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        if (failureOf(error) === 'unknown') return null;
        throw error;
      }
    },
  };
}

/** Body of append: each chunk preceded by its length as uint32 little-endian. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + 4 + chunk.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const chunk of chunks) {
    view.setUint32(at, chunk.length, true);
    bytes.set(chunk, at + 4);
    at += 4 + chunk.length;
  }
  return bytes;
}

/** The longest wait between two attempts. */
export const mostWaitMs = 10_000;

/** Waits 0.1, 0.2, 0.4 … 10 s, each between half and all of it so that a hundred workers do not knock at once; `reset` after a success. */
export function backoff({ firstMs = 100, maxMs = mostWaitMs, random = Math.random, pause = sleep } = {}): {
  wait(signal?: AbortSignal): Promise<void>;
  reset(): void;
} {
  let nextMs = firstMs;
  return {
    async wait(signal) {
      const ms = nextMs * (0.5 + random() / 2);
      nextMs = Math.min(2 * nextMs, maxMs);
      await pause(ms, signal);
    },
    reset() {
      nextMs = firstMs;
    },
  };
}

/** Ends early, without an error, when the signal comes: the caller looks at it anyway. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
