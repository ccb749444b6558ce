/** @file The door for workers: /worker/*, as core/protocol.ts says. Everything is parsed here; nothing is rung before it is stored. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eq, sql } from 'drizzle-orm';
import { readHeader } from '#core/chunk.ts';
import { appendMaxBytes, checkpointMaxBytes, protocolVersion } from '#core/protocol.ts';
import type { AppendAnswer, ClaimAnswer, HeartbeatAnswer, RegisterAnswer, ReportAnswer } from '#core/protocol.ts';
import { workers } from '#drizzle/schema.ts';
import { answer, databaseAway, HttpError, readBody, readJson } from './bodies.ts';
import { messages, ownerOf, parse } from './messages.ts';
import type { Services } from './services.ts';
import { append } from './store/chunks.ts';
import type { Bad, Incoming } from './store/chunks.ts';
import { readCheckpoint, storeCheckpoint } from './store/checkpoints.ts';
import { newId } from './store/ids.ts';
import { Fenced, heartbeat, report, take } from './store/runs.ts';

const jsonMax = 1024 * 1024;
const waitMax = 30_000;
/** Rings are not kept across a reconnection of the bus, and other servers may enqueue. */
const lookAgainMs = 5_000;
/** Progress on the pages of an experiment. */
const ringExperimentMs = 1_000;
const chunksMax = 4_096;

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Splits an append's body and reads every header; chunks of a metric must follow each other. */
function splitChunks(body: Buffer, owner: { attempt: number }): Incoming[] {
  const incoming: Incoming[] = [];
  const last = new Map<string, Incoming>();
  for (let at = 0; at < body.length;) {
    if (at + 4 > body.length) throw new HttpError(400, `append: ${body.length - at} bytes are left over after the last chunk`);
    const length = body.readUInt32LE(at);
    const offset = at + 4;
    if (offset + length > body.length)
      throw new HttpError(400, `append: chunk ${incoming.length} announces ${length} bytes, got ${body.length - offset}`);
    if (incoming.length === chunksMax) throw new HttpError(400, `append: at most ${chunksMax} chunks`);
    let header: ReturnType<typeof readHeader>;
    try {
      header = readHeader(body.subarray(offset, offset + length));
    } catch (error) {
      throw new HttpError(400, `${(error as Error).message} (chunk ${incoming.length} of the append)`);
    }
    const { metric, seq, rows, width, firstStep, lastStep } = header;
    if (header.attempt !== owner.attempt)
      throw new HttpError(400, `append: a chunk of attempt ${header.attempt} in an append of attempt ${owner.attempt}`);
    if (seq > 0x7fff_fffe) throw new HttpError(400, `append: seq at most ${0x7fff_fffe}, got ${seq}`);
    const chunk: Incoming = { metric, seq, rows, width, firstStep, lastStep, offset, length };
    const previous = last.get(metric);
    if (previous && seq !== previous.seq + 1)
      throw new HttpError(400, `append: seq ${previous.seq + 1} of ${metric} must come next, got ${seq}`);
    if (previous && (width !== previous.width || firstStep < previous.lastStep))
      throw new HttpError(
        400,
        `append: chunk ${seq} of ${metric} must keep the width and go on from step ${previous.lastStep}, got width ${width} and step ${firstStep}`,
      );
    last.set(metric, chunk);
    incoming.push(chunk);
    at = offset + length;
  }
  return incoming;
}

function why({ metric, low, next, width, known_width: known, known_step: knownStep, new_step: newStep }: Bad): string {
  if (low > next) return `seq ${next} of ${metric} must come next, got ${low}`;
  if (known !== null && width !== known) return `${metric} is ${known} values wide, got ${width}`;
  return `steps of ${metric} must not go back: after ${knownStep} came ${newStep}`;
}

export function createIngest(services: Services, token: string) {
  const { client, bus, queue, stopping } = services;
  const expected = sha256(`Bearer ${token}`);
  /** Appends of one run one after another: a repeated one must see what the first has stored. */
  const turns = new Map<string, Promise<unknown>>();
  const rungAt = new Map<string, number>();

  async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(key) ?? Promise.resolve()).then(work, work);
    turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(key) === mine) turns.delete(key);
    }
  }

  async function register(request: IncomingMessage): Promise<RegisterAnswer> {
    const { protocol, ...values } = parse(messages.register, await readJson(request, jsonMax));
    if (protocol !== protocolVersion) throw new HttpError(400, `protocol ${protocol} is not spoken here; known: ${protocolVersion}`);
    const worker = newId();
    await client.db.insert(workers).values({ id: worker, ...values });
    return { worker };
  }

  async function known(worker: string): Promise<void> {
    const rows = await client.db
      .update(workers)
      .set({ seenAt: sql`now()` })
      .where(eq(workers.id, worker))
      .returning({ id: workers.id });
    if (rows.length === 0) throw new HttpError(404, `no such worker: ${worker}; register again`);
  }

  async function claim(request: IncomingMessage, response: ServerResponse): Promise<ClaimAnswer> {
    const { worker, waitMs } = parse(messages.claim, await readJson(request, jsonMax));
    await known(worker);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, stopping]);
    const until = Date.now() + Math.min(waitMs, waitMax);
    const watch = bus.watch('queue');
    try {
      while (!signal.aborted) {
        const job = await queue.next();
        if (!job) {
          const left = until - Date.now();
          if (left <= 0) break;
          await watch.next({ signal, timeoutMs: Math.min(left, lookAgainMs) });
          continue;
        }
        const run = await take(client.db, { ...job, worker });
        if (!run) {
          await queue.settle(job.job);
          continue;
        }
        if (!signal.aborted) return { run };
        // Whoever asked is gone, or we are going: back with it at once rather than after the lease.
        const { done } = await report(services, {
          worker,
          run: run.id,
          attempt: run.attempt,
          status: 'queued',
          reason: 'its worker left while it was given the run',
        });
        if (done) await queue.settle(done);
      }
    } finally {
      watch.close();
    }
    return { run: null };
  }

  async function store(request: IncomingMessage, query: URLSearchParams): Promise<AppendAnswer> {
    const owner = ownerOf(query);
    const body = await readBody(request, appendMaxBytes);
    const incoming = splitChunks(body, owner);
    return inTurn(owner.run, async () => {
      const now = Date.now();
      const ring = now - (rungAt.get(owner.run) ?? 0) >= ringExperimentMs;
      const { desired, bad, acked } = await append(client, owner, incoming, body, ring);
      if (bad.length > 0) {
        throw new HttpError(400, `append: ${bad.map(why).join('; ')}`, {
          acked: Object.fromEntries(bad.map(({ metric, next }) => [metric, next - 1])),
        });
      }
      if (desired === null) throw new Fenced(`run ${owner.run} is not held by worker ${owner.worker}, attempt ${owner.attempt}`);
      if (ring) {
        rungAt.delete(owner.run);
        rungAt.set(owner.run, now);
        if (rungAt.size > 4_096) rungAt.delete(rungAt.keys().next().value!);
      }
      return { acked, desired };
    });
  }

  async function beat(request: IncomingMessage): Promise<HeartbeatAnswer> {
    const message = parse(messages.heartbeat, await readJson(request, jsonMax));
    await known(message.worker);
    const { desired, job } = await heartbeat(client.db, message);
    if (job) await queue.touch(job);
    return { desired };
  }

  async function tell(request: IncomingMessage): Promise<ReportAnswer> {
    const message = parse(messages.report, await readJson(request, jsonMax));
    // After the appends that came before it: what they hold must be stored when the run ends.
    return inTurn(message.run, async () => {
      const { desired, done } = await report(services, message);
      if (done) await queue.settle(done);
      return { desired };
    });
  }

  async function putCheckpoint(request: IncomingMessage, query: URLSearchParams): Promise<{ stored: true }> {
    const owner = ownerOf(query);
    const at = parse(messages.step, Number(query.get('step') ?? NaN));
    const bytes = Number(request.headers['content-length'] ?? NaN);
    if (!(bytes >= 1)) throw new HttpError(400, 'checkpoint: content-length must say how many bytes come, at least 1');
    if (bytes > checkpointMaxBytes) throw new HttpError(413, `checkpoint: at most ${checkpointMaxBytes} bytes, got ${bytes}`);
    await storeCheckpoint(client, owner, at, request, bytes);
    return { stored: true };
  }

  async function getCheckpoint(response: ServerResponse, query: URLSearchParams): Promise<void> {
    const found = await readCheckpoint(client, ownerOf(query));
    if (!found) throw new HttpError(404, 'checkpoint: there is none');
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.bytes, 'x-step': String(found.step) });
    await pipeline(Readable.from(found.parts()), response);
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    try {
      if (!timingSafeEqual(sha256(request.headers.authorization ?? ''), expected))
        throw new HttpError(401, 'authorization: no such worker token');
      const { searchParams: query } = url;
      switch (`${request.method} ${url.pathname}`) {
        case 'POST /worker/register':
          return answer(response, 200, await register(request));
        case 'POST /worker/claim':
          return answer(response, 200, await claim(request, response));
        case 'POST /worker/append':
          return answer(response, 200, await store(request, query));
        case 'POST /worker/heartbeat':
          return answer(response, 200, await beat(request));
        case 'POST /worker/report':
          return answer(response, 200, await tell(request));
        case 'PUT /worker/checkpoint':
          return answer(response, 200, await putCheckpoint(request, query));
        case 'GET /worker/checkpoint':
          return await getCheckpoint(response, query);
        default:
          throw new HttpError(404, `no such message: ${request.method} ${url.pathname}`);
      }
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      // A body that was not read to its end would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      if (error instanceof HttpError) return answer(response, error.status, { error: error.message, ...error.more });
      if (error instanceof Fenced) return answer(response, 409, { error: error.message });
      if (error instanceof RangeError) return answer(response, 400, { error: error.message });
      if (stopping.aborted || databaseAway(error)) return answer(response, 503, { error: 'the database is away; try again' });
      services.log(`ingest: ${request.method} ${url.pathname}: ${(error as Error).stack ?? String(error)}`);
      return answer(response, 500, { error: 'something went wrong here; the server has written it down' });
    }
  };
}
