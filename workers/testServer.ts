/** @file For the tests: a server that keeps core/protocol.ts in memory on a free port of loopback, and misbehaves on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeChunk, type Chunk } from '#core/chunk.ts';
import type { Desired, HeartbeatRequest, LogLine, ReportRequest } from '#core/protocol.ts';
import type { ClaimedRun } from './agentMessages.ts';

/** What to do with one request instead of answering: a status, `cut` before storing, `cutAfter` storing. */
export type Fault = number | 'cut' | 'cutAfter';

export interface TestServer {
  readonly url: string;
  readonly chunks: Chunk[];
  readonly reports: ReportRequest[];
  readonly checkpoints: Map<string, { step: number; bytes: Buffer }>;
  /** Paths of all requests in order. */
  readonly requests: string[];
  readonly queue: ClaimedRun[];
  /** Decides about a request before it is served. */
  fault: (path: string) => Fault | null;
  desired: Desired;
  attempts: Map<string, number>;
  bytesAtOnce: number;
  log(): LogLine[];
  rows(metric: string): { steps: number[]; values: number[] };
  statuses(): (string | undefined)[];
  until(condition: () => boolean): Promise<void>;
  nextSeq(): Record<string, number>;
  close(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const waiting = new Set<() => void>();
  const claims = new Set<() => void>();
  const changed = (): void => waiting.forEach((check) => check());
  const nextSeq = new Map<string, number>();
  /** Attempts whose last word has been heard. */
  const over = new Set<string>();

  const append = (body: Buffer): unknown => {
    for (let at = 0; at < body.length;) {
      const length = body.readUInt32LE(at);
      const chunk = decodeChunk(body.subarray(at + 4, at + 4 + length));
      at += 4 + length;
      const expected = nextSeq.get(chunk.metric) ?? 0;
      if (chunk.seq > expected) throw new Error(`gap: ${chunk.metric} ${chunk.seq}, expected ${expected}`);
      if (chunk.seq < expected) continue; // a duplicate
      nextSeq.set(chunk.metric, expected + 1);
      state.chunks.push(chunk);
    }
    return { acked: Object.fromEntries([...nextSeq].map(([metric, seq]) => [metric, seq - 1])), desired: state.desired };
  };
  const serve = async (path: string, query: URLSearchParams, method: string, body: Buffer): Promise<unknown> => {
    const json = (): never => JSON.parse(body.toString()) as never;
    if (path === '/worker/register') return { worker: 'w1' };
    if (path === '/worker/heartbeat') {
      const { run, attempt } = json() as HeartbeatRequest;
      return over.has(`${run}.${attempt}`) ? 409 : { desired: state.desired };
    }
    if (path === '/worker/append') {
      state.bytesAtOnce = Math.max(state.bytesAtOnce, body.length);
      return append(body);
    }
    if (path === '/worker/report') {
      const report = json() as ReportRequest;
      state.reports.push(report);
      if (report.status !== undefined && report.status !== 'running') over.add(`${report.run}.${report.attempt}`);
      return { desired: state.desired };
    }
    if (path === '/worker/claim') {
      if (state.queue.length === 0) await new Promise<void>((resolve) => (claims.add(resolve), setTimeout(resolve, 200).unref()));
      const run = state.queue.shift() ?? null;
      if (run) state.attempts.set(run.id, run.attempt);
      return { run };
    }
    if (method === 'GET') return state.checkpoints.get(query.get('run')!)?.bytes ?? 404;
    state.checkpoints.set(query.get('run')!, { step: Number(query.get('step')), bytes: body });
    return { stored: true };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    state.requests.push(pathname);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const fault = state.fault(pathname);
    if (fault === 'cut') return void request.socket.destroy();
    const fenced =
      searchParams.has('attempt') && (state.attempts.get(searchParams.get('run')!) ?? 1) !== Number(searchParams.get('attempt'));
    const refusal = fenced ? 409 : typeof fault === 'number' ? fault : null;
    if (refusal) return void response.writeHead(refusal).end('refused by the test');
    try {
      const answer = await serve(pathname, searchParams, request.method!, Buffer.concat(parts));
      if (fault === 'cutAfter') return void request.socket.destroy();
      if (typeof answer === 'number') response.writeHead(answer).end();
      else response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
    } catch (error) {
      response.writeHead(400).end((error as Error).message);
    } finally {
      changed();
    }
  };

  const server = createServer((request, response) => void handle(request, response).catch(() => request.socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chunks: [],
    reports: [],
    checkpoints: new Map(),
    requests: [],
    queue: [],
    fault: () => null,
    desired: 'run',
    attempts: new Map(),
    bytesAtOnce: 0,
    log: () => state.reports.flatMap(({ log }) => log ?? []),
    rows(metric) {
      const of = state.chunks.filter((chunk) => chunk.metric === metric);
      return { steps: of.flatMap(({ steps }) => [...steps]), values: of.flatMap(({ values }) => [...values]) };
    },
    statuses: () => state.reports.map(({ status }) => status).filter((status) => status !== undefined),
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    nextSeq: () => Object.fromEntries(nextSeq),
    close: () =>
      new Promise((resolve) => {
        claims.forEach((answer) => answer());
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}
