/**
 * @file The stream: from the moment a worker sends a chunk to the moment a browser has decoded it, and the rate it is held at.
 *
 * One server with its embedded database, 8 runs that stream (10 metrics of 50 layers, flushed every 100 ms), 50 sockets that each follow one
 * run; writers and followers are processes of their own. `node bench/stream.ts [--subscribers 50] [--runs 8] [--seconds 10] [--rate 25000]`
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createBrowser, createTestWorker, series, startTestServer, chunksQuery } from '#server/testing.ts';
import { decodeChunk } from '#core/chunk.ts';

const metrics = Array.from({ length: 10 }, (_, n) => `metric${n}`);
const width = 50;
const flushMs = 100;
const warmUpMs = 1_500;
const now = () => performance.timeOrigin + performance.now();

interface Job {
  readonly role: 'write' | 'follow';
  readonly url: string;
  readonly token: string;
  readonly runs: number;
  readonly runIds: readonly string[];
  readonly subscribers: number;
  readonly seconds: number;
  readonly rate: number;
}
type Moment = readonly [run: string, seq: number, at: number];

async function write({ url, token, runs, seconds, rate }: Job) {
  const sent: Moment[] = [];
  const taken: number[] = [];
  let values = 0;
  const rows = Math.max(1, Math.round((rate * flushMs) / 1000 / (metrics.length * width)));
  const workers = await Promise.all(Array.from({ length: runs }, (_, n) => createTestWorker({ url, token }, `bench ${n}`)));
  const claimed = await Promise.all(workers.map((worker) => worker.claim()));
  process.send!({ claimed: claimed.map((run) => run!.id) });
  await new Promise((resolve) => process.once('message', resolve));
  const until = now() + warmUpMs + seconds * 1000;
  const from = now() + warmUpMs;
  await Promise.all(
    workers.map(async (worker, n) => {
      const run = claimed[n]!;
      await new Promise((resolve) => setTimeout(resolve, (n * flushMs) / runs));
      for (let seq = 0, due = now(); now() < until; seq++, due += flushMs) {
        const chunks = metrics.map((metric) => series(metric, { attempt: run.attempt, seq, from: seq * rows, rows, width }));
        const at = now();
        const { status } = await worker.append(run, chunks);
        if (status !== 200) throw new Error(`append answered ${status}`);
        if (at >= from) {
          sent.push([run.id, seq, at]);
          taken.push(now() - at);
          values += metrics.length * rows * width;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due + flushMs - now())));
      }
    }),
  );
  process.send!({ sent, taken, valuesPerSecond: values / seconds });
}

async function follow({ url, runIds, subscribers }: Job) {
  const decoded: Moment[] = [];
  let values = 0;
  for (let n = 0; n < subscribers; n++) {
    const run = runIds[n % runIds.length]!;
    void (async () => {
      for await (const { metricChunks } of createBrowser(url).subscribe<{ metricChunks: { chunks: { data: string }[] } }>(chunksQuery, {
        runId: run,
        metrics,
        after: null,
      })) {
        for (const { data } of metricChunks.chunks) {
          const chunk = decodeChunk(Buffer.from(data, 'base64'));
          values += chunk.values.length;
          if (chunk.metric === metrics[0]) decoded.push([run, chunk.seq, now()]);
        }
      }
    })();
  }
  process.send!({ following: true });
  await new Promise((resolve) => process.once('message', resolve));
  process.send!({ decoded, values });
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
const round = (value: number) => Math.round(value * 10) / 10;

export async function stream({ subscribers = 50, runs = 8, seconds = 10, rate = 25_000 } = {}) {
  const server = await startTestServer();
  const children: ChildProcess[] = [];
  const start = (role: Job['role'], runIds: string[]) => {
    const job: Job = { role, url: server.url, token: server.token, runs, runIds, subscribers, seconds, rate };
    const child = fork(fileURLToPath(import.meta.url), ['--child', JSON.stringify(job)]);
    children.push(child);
    return {
      child,
      next: <T>() =>
        new Promise<T>((resolve, reject) => (child.once('message', resolve), child.once('exit', () => reject(new Error(`${role} left`))))),
    };
  };
  try {
    await server.experiment(
      Array.from({ length: runs }, (_, n) => n),
      { steps: 1_000_000 },
    );
    const writer = start('write', []);
    const { claimed } = await writer.next<{ claimed: string[] }>();
    const follower = start('follow', claimed);
    await follower.next();
    const cpu = process.cpuUsage();
    const began = now();
    const written = writer.next<{ sent: Moment[]; taken: number[]; valuesPerSecond: number }>();
    writer.child.send('go');
    const { sent, taken, valuesPerSecond } = await written;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const followed = follower.next<{ decoded: Moment[] }>();
    follower.child.send('tell');
    const { decoded } = await followed;
    const used = process.cpuUsage(cpu);
    const sentAt = new Map(sent.map(([run, seq, at]) => [`${run} ${seq}`, at]));
    const latencies = decoded
      .flatMap(([run, seq, at]) => (sentAt.has(`${run} ${seq}`) ? [at - sentAt.get(`${run} ${seq}`)!] : []))
      .sort((a, b) => a - b);
    const appends = taken.sort((a, b) => a - b);
    return {
      subscribers,
      runs,
      valuesPerSecond: Math.round(valuesPerSecond),
      insertToDecodedMs: {
        p50: round(quantile(latencies, 0.5)),
        p95: round(quantile(latencies, 0.95)),
        p99: round(quantile(latencies, 0.99)),
      },
      appendMs: { p50: round(quantile(appends, 0.5)), p95: round(quantile(appends, 0.95)) },
      delivered: latencies.length,
      expected: Math.round((sentAt.size / runs) * subscribers),
      serverCpuShare: round((used.user + used.system) / 1000 / (now() - began)),
      serverMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await server.end();
  }
}

const { values: flags } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  options: {
    child: { type: 'string' },
    subscribers: { type: 'string' },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
  },
});
if (typeof flags.child === 'string') {
  const job = JSON.parse(flags.child) as Job;
  await (job.role === 'write' ? write(job) : follow(job));
} else if (import.meta.main) {
  const given = Object.fromEntries(Object.entries(flags).map(([key, value]) => [key, Number(value)]));
  console.log(JSON.stringify(await stream(given), null, 2));
}
