/** @file For tests: a real server without pages on a free port over a real embedded database in a temporary folder, and a worker and a browser that talk to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { decodeChunk, encodeChunk } from '#core/chunk.ts';
import type { Chunk } from '#core/chunk.ts';
import type { AppendAnswer, ClaimAnswer, ReportRequest } from '#core/protocol.ts';
import type { Spec } from '#core/spec.ts';
import type { Options } from './options.ts';
import { start } from './start.ts';
import type { Running } from './start.ts';
import type { Subject } from './subject.ts';

/** Specs of the tests of the carrier: it looks at nothing but steps and seed. */
const plainSubject: Subject = {
  cards: () => [],
  presets: () => [],
  check: async (spec) => ({ ok: true, issues: [], spec, hash: null, runs: 1 }),
  claim: () => null,
  planList: ([spec]) => plainSubject.plan(spec, null),
  estimate: async () => ({ runs: 1, seconds: null, parameters: null, bytes: null, detail: null }),
  async plan(spec, grid) {
    const seeds = (grid as { values: number[] }[] | null)?.[0]?.values ?? [0];
    const { steps = 1000 } = spec as { steps?: number };
    const runs = seeds.map((seed) => ({
      spec: { ...(spec as object), seed } as unknown as Spec,
      specHash: `hash${seed}`,
      seed,
      group: 'group',
      label: 'plain',
      steps,
    }));
    return { spec: spec as Spec, grid: grid as never, runs };
  },
};

export interface TestServer extends Running {
  readonly folder: string;
  readonly lines: string[];
  graphql<T = Record<string, any>>(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<{ data: T; errors?: any[] }>;
  /** Made with these seeds; the ids of its runs in order. */
  experiment(seeds?: number[], spec?: Record<string, unknown>): Promise<{ id: string; runs: string[] }>;
  worker(name?: string): Promise<TestWorker>;
  browser(): TestBrowser;
  end(): Promise<void>;
}

export async function startTestServer({
  folder,
  subject = plainSubject,
  port = 0,
  pages = false,
}: { folder?: string; subject?: Subject; port?: number; pages?: boolean } = {}): Promise<TestServer> {
  const data = folder ?? mkdtempSync(path.join(os.tmpdir(), 'plateau-test-'));
  const lines: string[] = [];
  const options: Options = { port, host: '127.0.0.1', data, databaseUrl: null, dev: false, workers: 0, apiOnly: !pages };
  const running = await start(options, (line) => lines.push(line), { subject });
  const browsers: TestBrowser[] = [];
  let cookie = '';

  const graphql: TestServer['graphql'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const set = response.headers.get('set-cookie');
    if (set && !headers.cookie) cookie = set.split(';')[0]!;
    return (await response.json()) as never;
  };
  return {
    ...running,
    folder: data,
    lines,
    graphql,
    async experiment(seeds = [0], spec = {}) {
      const { data, errors } = await graphql(
        'mutation($input: CreateExperimentInput!) { createExperiment(input: $input) { id runs { id } } }',
        {
          input: { title: 'a test', spec: { steps: 1000, ...spec }, grid: [{ path: 'seed', values: seeds }] },
        },
      );
      if (errors) throw new Error(JSON.stringify(errors));
      return { id: data.createExperiment.id, runs: data.createExperiment.runs.map(({ id }: { id: string }) => id) };
    },
    worker: (name = 'test worker') => createTestWorker(running, name),
    browser() {
      const browser = createBrowser(running.url);
      browsers.push(browser);
      return browser;
    },
    async end() {
      for (const browser of browsers) await browser.close();
      await running.close();
      if (!folder) rmSync(data, { recursive: true, force: true });
    },
  };
}

export interface TestWorker {
  readonly id: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: any }>;
  claim(waitMs?: number): Promise<ClaimAnswer['run']>;
  append(
    run: { id: string; attempt: number },
    chunks: readonly (Chunk | Uint8Array)[],
  ): Promise<{ status: number; body: AppendAnswer & { error?: string } }>;
  report(run: { id: string; attempt: number }, message: Partial<ReportRequest>): Promise<{ status: number; body: any }>;
}

export function frame(chunks: readonly (Chunk | Uint8Array)[]): Buffer {
  return Buffer.concat(
    chunks.flatMap((chunk) => {
      const bytes = chunk instanceof Uint8Array ? chunk : encodeChunk(chunk);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

export async function createTestWorker({ url, token }: { url: string; token: string }, name: string): Promise<TestWorker> {
  const send: TestWorker['send'] = async (method, where, body, headers = {}) => {
    const bytes = body instanceof Uint8Array;
    const response = await fetch(`${url}/worker/${where}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': bytes ? 'application/octet-stream' : 'application/json', ...headers },
      ...(body === undefined ? {} : { body: bytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const answered = response.headers.get('content-type')?.startsWith('application/json')
      ? await response.json()
      : Buffer.from(await response.arrayBuffer());
    return { status: response.status, body: answered };
  };
  const { body } = await send('POST', 'register', { protocol: 1, name, host: os.hostname(), pid: process.pid, runtimes: [] });
  const id: string = body.worker;
  return {
    id,
    send,
    claim: async (waitMs = 5_000) => (await send('POST', 'claim', { worker: id, waitMs })).body.run,
    append: (run, chunks) => send('POST', `append?worker=${id}&run=${run.id}&attempt=${run.attempt}`, frame(chunks)),
    report: (run, message) => send('POST', 'report', { worker: id, run: run.id, attempt: run.attempt, ...message }),
  };
}

/** Chunks of one metric with one row a step; the values are made from step and column. */
export function series(
  metric: string,
  {
    attempt,
    seq,
    from,
    rows,
    width = 1,
    value = (step: number, column: number) => step + column / 1000,
  }: { attempt: number; seq: number; from: number; rows: number; width?: number; value?: (step: number, column: number) => number },
): Chunk {
  const steps = Float64Array.from({ length: rows }, (_, row) => from + row);
  const values = Float32Array.from({ length: rows * width }, (_, at) => value(from + Math.floor(at / width), at % width));
  return { metric, seq, attempt, width, steps, values };
}

export interface TestBrowser {
  readonly client: Client;
  subscribe<T = any>(query: string, variables?: Record<string, unknown>): AsyncGenerator<T, void, void>;
  /** Chunks until `enough` says so; the last cursor with them. */
  chunks(
    runId: string,
    metrics: string[],
    after: string | null,
    enough: (chunks: Chunk[]) => boolean,
  ): Promise<{ chunks: Chunk[]; cursor: string }>;
  close(): Promise<void>;
}

export const chunksQuery = `subscription($runId: ID!, $metrics: [String!]!, $after: String) {
  metricChunks(runId: $runId, metrics: $metrics, after: $after) { cursor latest chunks { metric seq firstStep lastStep rows width data } }
}`;

export function createBrowser(url: string): TestBrowser {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  async function* subscribe<T>(query: string, variables: Record<string, unknown> = {}): AsyncGenerator<T, void, void> {
    for await (const { data, errors } of client.iterate({ query, variables })) {
      if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
      yield data as T;
    }
  }
  return {
    client,
    subscribe,
    async chunks(runId, metrics, after, enough) {
      const chunks: Chunk[] = [];
      let cursor = after ?? '';
      for await (const { metricChunks: page } of subscribe<any>(chunksQuery, { runId, metrics, after })) {
        for (const { data } of page.chunks) chunks.push(decodeChunk(Buffer.from(data, 'base64')));
        cursor = page.cursor;
        if (enough(chunks)) break;
      }
      return { chunks, cursor };
    },
    close: async () => void (await client.dispose()),
  };
}
