/** @file Faults: the database and the server killed while a worker streams, two servers on one folder, a port in use, a folder that cannot be written. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestWorker, createBrowser, series, startTestServer } from '../testing.ts';
import type { TestWorker } from '../testing.ts';
import { startPostgres } from '../postgres.ts';
import { takeLock } from '../lock.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folderOf = () => mkdtempSync(path.join(os.tmpdir(), 'plateau-fault-'));

/** Tries again while the server or its database is away, as a worker does. */
async function insist<T extends { status: number }>(send: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    const answered = await send().catch(() => null);
    if (answered && answered.status !== 503) return answered;
    assert.ok(tries < 600, 'it did not come back');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function serve(args: string[]): Promise<{
  url: string;
  pid: number;
  exit: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  errors(): string;
  leave(): void;
}> {
  const child = spawn(process.execPath, [main, '--api-only', '--no-workers', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATABASE_URL: '' },
  });
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const line = await Promise.race([ready, exit.then(() => '')]);
  const url = /at (http:\S+)/.exec(line)?.[1] ?? '';
  const leave = () => [child.stdout, child.stderr].forEach((stream) => stream.destroy());
  return { url, pid: child.pid!, exit, kill: (signal) => child.kill(signal), errors: () => errors, leave };
}

test('the database is killed while a worker streams and a browser follows: nothing acknowledged is lost or doubled', async () => {
  const server = await startTestServer();
  try {
    const worker = await server.worker();
    await server.experiment([0]);
    const run = (await worker.claim())!;
    const following = server.browser().chunks(run.id, ['loss'], null, (chunks) => chunks.length >= 60);
    for (let seq = 0; seq < 60; seq++) {
      const { status, body } = await insist(() => worker.append(run, [series('loss', { attempt: 1, seq, from: seq * 5, rows: 5 })]));
      assert.deepEqual([status, body.acked], [200, { loss: seq }]);
      if (seq === 20 || seq === 40) process.kill(server.postgres!.pid()!, 'SIGKILL');
    }
    const { chunks } = await following;
    assert.deepEqual(
      chunks.map(({ seq }) => seq),
      Array.from({ length: 60 }, (_, seq) => seq),
    );
    assert.equal((await insist(() => worker.report(run, { status: 'finished' }))).status, 200);
    await server.experiment([1]);
    assert.ok(await worker.claim(), 'the queue is back too');
  } finally {
    await server.end();
  }
});

test('the server is killed with its database and started again: the worker goes on, the browser resumes', async () => {
  const folder = folderOf();
  const first = await serve(['--port', '0', '--data', folder]);
  let second: Awaited<ReturnType<typeof serve>> | null = null;
  try {
    const token = readFileSync(path.join(folder, 'worker-token'), 'utf8').trim();
    assert.equal(statSync(path.join(folder, 'worker-token')).mode & 0o777, 0o600);
    const port = new URL(first.url).port;
    const worker: TestWorker = await createTestWorker({ url: first.url, token }, 'steady');
    const graphql = async (query: string, variables = {}) =>
      (
        (await (
          await fetch(`${first.url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query, variables }),
          })
        ).json()) as any
      ).data;
    await graphql('mutation($spec: JSON!) { createExperiment(input: { title: "t", spec: $spec }) { id } }', { spec: {} });
    const run = (await worker.claim())!;
    const send = (seq: number) => insist(() => worker.append(run, [series('loss', { attempt: 1, seq, from: seq, rows: 1 })]));
    for (let seq = 0; seq < 10; seq++) assert.equal((await send(seq)).status, 200);
    const browser = createBrowser(first.url);
    const early = await browser.chunks(run.id, ['loss'], null, (chunks) => chunks.length === 10);
    await browser.close();
    first.kill('SIGKILL');
    await first.exit;
    const starting = serve(['--port', port, '--data', folder]);
    const late = send(10);
    second = await starting;
    assert.equal((await late).status, 200);
    for (let seq = 8; seq < 20; seq++) assert.equal((await send(seq)).status, 200, 'replays too');
    const again = createBrowser(second.url);
    const rest = await again.chunks(run.id, ['loss'], early.cursor, (chunks) => chunks.length === 10);
    await again.close();
    assert.deepEqual(
      [...early.chunks, ...rest.chunks].map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, seq) => seq),
    );
    assert.equal((await worker.report(run, { status: 'finished' })).status, 200);
    second.kill('SIGTERM');
    assert.equal(await second.exit, 0, second.errors());
    assert.match(second.errors(), /stopping/);
  } finally {
    first.kill('SIGKILL');
    second?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a second server on one data folder says who holds it and leaves; a stale lock is taken over', async () => {
  const folder = folderOf();
  const holder = await serve(['--port', '0', '--data', folder]);
  try {
    const second = await serve(['--port', '0', '--data', folder]);
    assert.equal(await second.exit, 1);
    assert.ok(second.errors().includes(`process ${holder.pid} on ${os.hostname()}, ${holder.url}, since 20`), second.errors());
    holder.kill('SIGINT');
    assert.equal(await holder.exit, 0, holder.errors());
    writeFileSync(
      path.join(folder, 'server.lock'),
      JSON.stringify({ pid: holder.pid, host: os.hostname(), url: null, since: 'then', started: 'another boot' }),
    );
    takeLock(folder).release();
  } finally {
    holder.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a port in use and a folder that cannot be written are said plainly', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const { port } = blocker.address() as net.AddressInfo;
  const folder = folderOf();
  try {
    const taken = await serve(['--port', String(port), '--data', folder]);
    assert.equal(await taken.exit, 1);
    assert.match(
      taken.errors(),
      new RegExp(`^plateau: port ${port} on 127.0.0.1 is in use by another program; choose another with --port or PORT`),
    );
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const unusable = await serve(['--port', '0', '--data', path.join(file, 'data')]);
    assert.equal(await unusable.exit, 1);
    assert.match(unusable.errors(), /^plateau: the data folder .* cannot be/);
    const open = await serve(['--host', '0.0.0.0', '--data', folder]);
    assert.equal(await open.exit, 2);
    assert.match(open.errors(), /must be a loopback address/);
  } finally {
    blocker.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a data folder with a very long path still gets its socket', async () => {
  const folder = folderOf();
  const deep = path.join(folder, 'd'.repeat(120));
  const lock = takeLock(deep);
  const postgres = await startPostgres({ folder: deep, log: () => {} });
  assert.ok(postgres.url.includes(encodeURIComponent(os.tmpdir())));
  await postgres.close();
  lock.release();
  rmSync(folder, { recursive: true, force: true });
});

test('a server whose words nobody reads any more stops in order', async () => {
  const folder = folderOf();
  const server = await serve(['--data', folder, '--port', '0']);
  server.leave();
  server.kill('SIGTERM');
  assert.equal(await server.exit, 0);
  rmSync(folder, { recursive: true, force: true });
});
