/** @file The live stream over real WebSockets: history and live as one, cuts, sharing, leaks, slow readers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import net from 'node:net';
import { randomBytes } from 'node:crypto';
import type { Chunk } from '#core/chunk.ts';
import { encodeCursor } from './live/cursor.ts';
import { executionCount } from './live/share.ts';
import { chunksQuery, series, startTestServer } from './testing.ts';
import type { TestServer, TestWorker } from './testing.ts';

let server: TestServer;
let worker: TestWorker;
before(async () => {
  server = await startTestServer();
  worker = await server.worker();
});
after(() => server.end());

async function claimed() {
  await server.experiment([0], { steps: 100_000 });
  return (await worker.claim())!;
}
const rowsOf = (chunks: readonly Chunk[], metric: string) =>
  chunks.filter((chunk) => chunk.metric === metric).reduce((sum, { steps }) => sum + steps.length, 0);
const seqsOf = (chunks: readonly Chunk[], metric: string) => chunks.filter((chunk) => chunk.metric === metric).map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);
async function until(what: () => boolean) {
  for (let tries = 0; !what(); tries++) {
    assert.ok(tries < 500, 'it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('history then live come as one stream, and a cut socket goes on from its cursor without loss or repeat', async () => {
  const run = await claimed();
  let seq = 0;
  const write = async (count: number) => {
    for (let n = 0; n < count; n++, seq++) {
      const answered = await worker.append(run, [
        series('loss', { attempt: 1, seq, from: seq * 10, rows: 10 }),
        series('gradNorm', { attempt: 1, seq, from: seq * 10, rows: 10, width: 50 }),
      ]);
      assert.equal(answered.status, 200);
    }
  };
  await write(40);
  const all: Chunk[] = [];
  let cursor: string | null = null;
  const writing = write(80);
  for (const goal of [30, 70, 120]) {
    const browser = server.browser();
    const got: { chunks: Chunk[]; cursor: string } = await browser.chunks(
      run.id,
      ['loss', 'gradNorm'],
      cursor,
      (chunks) => rowsOf([...all, ...chunks], 'gradNorm') >= goal * 10,
    );
    all.push(...got.chunks);
    cursor = got.cursor;
    await browser.close();
  }
  await writing;
  for (const metric of ['loss', 'gradNorm']) assert.deepEqual(seqsOf(all, metric), upTo(seqsOf(all, metric).length));
  assert.equal(rowsOf(all, 'gradNorm'), 1200);
  assert.equal(all.filter(({ metric }) => metric === 'gradNorm')[7]!.values[50 * 3 + 4], Math.fround(73 + 0.004));
  await worker.report(run, { status: 'finished' });
});

test('long history comes in bounded pages', async () => {
  const run = await claimed();
  for (let seq = 0; seq < 12; seq++)
    await worker.append(run, [series('gradNorm', { attempt: 1, seq, from: seq * 500, rows: 500, width: 200 })]);
  const browser = server.browser();
  const sizes: number[] = [];
  let rows = 0;
  for await (const { metricChunks } of browser.subscribe<any>(chunksQuery, { runId: run.id, metrics: ['gradNorm'], after: null })) {
    sizes.push(metricChunks.chunks.length);
    rows += metricChunks.chunks.reduce((sum: number, chunk: { rows: number }) => sum + chunk.rows, 0);
    if (rows === 6000) break;
  }
  assert.ok(sizes.length >= 4 && Math.max(...sizes) <= 3, `chunks of 400 kB in pages of 1 MiB, got ${sizes}`);
  await worker.report(run, { status: 'finished' });
});

test('the first page comes at once even where there is nothing yet', async () => {
  const run = await claimed();
  for await (const { metricChunks } of server.browser().subscribe<any>(chunksQuery, { runId: run.id, metrics: ['loss'], after: null })) {
    assert.deepEqual([metricChunks.chunks.length, metricChunks.latest], [0, -1]);
    break;
  }
  await worker.report(run, { status: 'finished' });
});

test('fifty who follow the same share one read and one serialization', async () => {
  const run = await claimed();
  const browsers = Array.from({ length: 50 }, () => server.browser());
  const following = browsers.map((browser) => browser.chunks(run.id, ['loss'], null, (chunks) => rowsOf(chunks, 'loss') >= 20));
  await until(() => server.services.pages.following() === 50);
  const executed = executionCount();
  for (let seq = 0; seq < 20; seq++) await worker.append(run, [series('loss', { attempt: 1, seq, from: seq, rows: 1 })]);
  for (const { chunks } of await Promise.all(following)) assert.deepEqual(seqsOf(chunks, 'loss'), upTo(20));
  assert.ok(executionCount() - executed <= 60, `20 appends to 50 sockets took ${executionCount() - executed} executions`);
  await worker.report(run, { status: 'finished' });
});

test('a malformed cursor, an unknown run and a bad metric are errors with a sentence', async () => {
  const run = await claimed();
  const fails = async (variables: Record<string, unknown>) => {
    try {
      for await (const _ of server.browser().subscribe(chunksQuery, { runId: run.id, metrics: ['loss'], after: null, ...variables }))
        assert.fail('it answered');
    } catch (error) {
      return error instanceof Error ? error.message : JSON.stringify(error);
    }
    return '';
  };
  for (const after of [
    'x',
    'c1.%%',
    encodeCursor({ loss: 1 }, 'another'),
    `c1.${Buffer.from(`@${run.id} loss:-1`).toString('base64url')}`,
    `c1.${Buffer.from(`@${run.id} loss:99999999999`).toString('base64url')}`,
  ])
    assert.match(await fails({ after }), /not a cursor/);
  assert.match(await fails({ runId: 'nobody' }), /no such run/);
  assert.match(await fails({ metrics: ['../etc'] }), /metric must match/);
  assert.match(await fails({ metrics: [] }), /1 to 64 names/);
  await worker.report(run, { status: 'finished' });
});

test('no listener is left when subscribers end, their sockets are cut or nothing was ever rung', async () => {
  const run = await claimed();
  await until(() => server.services.pages.following() === 0 && server.services.topics.following() === 0);
  const watching = server.services.bus.watching();
  const browsers = Array.from({ length: 20 }, () => server.browser());
  const ended = browsers.flatMap((browser, at) => [
    browser.chunks(run.id, ['loss'], null, () => false).catch(() => {}),
    (async () => {
      for await (const _ of browser.subscribe('subscription { experimentsChanged { id status } }')) if (at % 2) break;
    })().catch(() => {}),
  ]);
  await until(() => server.services.pages.following() === 20 && server.services.topics.following() === 10);
  for (const browser of browsers) browser.client.terminate();
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(ended);
  await until(() => server.services.pages.following() === 0 && server.services.topics.following() === 0);
  await until(() => server.services.bus.watching() === watching);
  await worker.report(run, { status: 'finished' });
});

test('a client that reads nothing holds one page, not the stream', async () => {
  const run = await claimed();
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  const masked = (value: unknown) => {
    const text = Buffer.from(JSON.stringify(value));
    const head =
      text.length < 126 ? Buffer.from([0x81, 0x80 | text.length]) : Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 255]);
    return Buffer.concat([head, Buffer.alloc(4), text]);
  };
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: ${hostname}:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write(masked({ type: 'connection_init' }));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  for (let n = 0; n < 8; n++)
    socket.write(
      masked({
        id: `s${n}`,
        type: 'subscribe',
        payload: { query: chunksQuery, variables: { runId: run.id, metrics: ['gradNorm'], after: null } },
      }),
    );
  await until(() => server.services.pages.following() === 8);
  for (let seq = 0; seq < 40; seq++)
    assert.equal(
      (await worker.append(run, [series('gradNorm', { attempt: 1, seq, from: seq * 1000, rows: 1000, width: 200 })])).status,
      200,
    );
  const held = server.sockets.buffered();
  // 32 MB were stored, eight times subscribed: 340 MB of base64 had nothing bounded it.
  assert.ok(held < 6e6, `${held} bytes are held for it`);
  socket.destroy();
  await until(() => server.services.pages.following() === 0);
  await worker.report(run, { status: 'finished' });
});

test('an experiment’s changes and its notes reach every open browser', async () => {
  const { id, runs } = await server.experiment([1, 2]);
  const [one, two] = [server.browser(), server.browser()];
  const counts = one.subscribe<any>('subscription($id: ID!) { experimentChanged(id: $id) { status counts runs { id status } } }', { id });
  assert.deepEqual((await counts.next()).value!.experimentChanged.counts, { queued: 2 });
  const run = (await worker.claim())!;
  assert.ok(runs.includes(run.id));
  assert.deepEqual((await counts.next()).value!.experimentChanged.counts, { queued: 1, running: 1 });
  await counts.return();

  const notes = two.subscribe<any>(
    'subscription($id: ID!) { annotationsChanged(experimentId: $id) { id body resolved author { name } comments { body } } }',
    { id },
  );
  assert.deepEqual((await notes.next()).value!.annotationsChanged, []);
  await server.graphql('mutation { setDisplayName(name: "Ada") { id } }');
  const added = await server.graphql('mutation($input: AddAnnotationInput!) { addAnnotation(input: $input) { id } }', {
    input: {
      experimentId: id,
      runId: run.id,
      metric: 'gradNorm',
      anchor: { kind: 'point', step: 10, layer: 3 },
      body: 'why does **layer 3** vanish?',
    },
  });
  const annotation = added.data.addAnnotation.id;
  const [note] = (await notes.next()).value!.annotationsChanged;
  assert.deepEqual([note.body, note.author.name], ['why does **layer 3** vanish?', 'Ada']);
  await server.graphql('mutation($id: ID!) { addComment(annotationId: $id, body: "look at $\\\\eta$") { id } }', { id: annotation });
  assert.equal((await notes.next()).value!.annotationsChanged[0].comments[0].body, 'look at $\\eta$');
  await server.graphql('mutation($id: ID!) { resolveAnnotation(id: $id, resolved: true) { id } }', { id: annotation });
  assert.equal((await notes.next()).value!.annotationsChanged[0].resolved, true);
  await notes.return();
});
