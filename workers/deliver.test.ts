/** @file The delivery: order, batches, refused chunks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { appendMaxBytes } from '#core/protocol.ts';
import { deliver } from './deliver.ts';
import { backoff, openLink } from './link.ts';
import { openRecorder } from './recorder.ts';
import { openSpoolWriter } from './spool.ts';
import { startTestServer } from './testServer.ts';

async function setUp(t: TestContext) {
  const server = await startTestServer();
  const folder = mkdtempSync(join(tmpdir(), 'plateau-deliver-'));
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const said: string[] = [];
  const start = (link = openLink(server.url, 'token')) =>
    deliver({
      folder,
      link,
      claim: { worker: 'w', run: 'r', attempt: 1 },
      say: (text) => said.push(text),
      retry: backoff({ firstMs: 1 }),
      idleMs: 5,
    });
  return { server, folder, said, start };
}

test('many small chunks travel in few requests, in order, none above the limit', async (t) => {
  const { server, folder, start } = await setUp(t);
  const recorder = openRecorder({ folder, attempt: 1, flushBytes: 1 });
  for (let step = 0; step < 3000; step++) recorder.append('weights', step, new Float32Array(500).fill(step));
  recorder.close();
  const delivery = start();
  delivery.end();
  assert.equal(await delivery.done, 'drained');
  assert.deepEqual(server.rows('weights').steps, [...Array(3000).keys()]);
  const appends = server.requests.filter((path) => path === '/worker/append').length;
  assert.ok(appends <= 12, `${appends} requests for 6 MB`);
  assert.ok(server.bytesAtOnce <= appendMaxBytes);
});

test('a checkpoint and a report never overtake the rows before them', async (t) => {
  const { server, folder, start } = await setUp(t);
  const recorder = openRecorder({ folder, attempt: 1 });
  recorder.append('loss', 0, [1]);
  recorder.checkpoint(1, Uint8Array.of(1));
  recorder.append('loss', 1, [1]);
  recorder.report({ status: 'finished' });
  recorder.close();
  const delivery = start();
  delivery.end();
  await delivery.done;
  assert.deepEqual(server.requests, ['/worker/append', '/worker/checkpoint', '/worker/append', '/worker/report']);
  assert.equal(delivery.status(), 'finished');
});

test('a chunk that the server refuses is dropped and named; its neighbours arrive', async (t) => {
  const { server, folder, said, start } = await setUp(t);
  const recorder = openRecorder({ folder, attempt: 1 });
  for (const metric of ['a', 'b', 'c', 'd', 'e']) recorder.append(metric, 0, [1]);
  recorder.close();
  openSpoolWriter(folder).append([{ kind: 'chunk', payload: encodeGap() }]);
  const delivery = start();
  delivery.end();
  assert.equal(await delivery.done, 'drained');
  assert.deepEqual(server.chunks.map(({ metric }) => metric).sort(), ['a', 'b', 'c', 'd', 'e']);
  assert.ok(said.some((text) => /refused and is dropped/.test(text)));
});

test('a tail that the disk would not take is delivered behind the spool', async (t) => {
  const { server, folder, start } = await setUp(t);
  const recorder = openRecorder({ folder, attempt: 1 });
  recorder.append('loss', 0, [1]);
  recorder.close();
  const delivery = start();
  delivery.end([{ kind: 'report', payload: Buffer.from(JSON.stringify({ status: 'crashed', reason: 'x' })) }]);
  await delivery.done;
  assert.deepEqual(server.requests, ['/worker/append', '/worker/report']);
});

test('an unauthorized worker keeps its spool and tries again', async (t) => {
  const { server, folder, start } = await setUp(t);
  const recorder = openRecorder({ folder, attempt: 1 });
  recorder.append('loss', 0, [1]);
  recorder.close();
  let refusals = 3;
  server.fault = () => (refusals-- > 0 ? 401 : null);
  const delivery = start();
  delivery.end();
  assert.equal(await delivery.done, 'drained');
  assert.deepEqual(server.rows('loss').steps, [0]);
});

/** A chunk with a seq that leaves a gap. */
function encodeGap(): Uint8Array {
  let payload = new Uint8Array();
  const spool = {
    append: (frames: readonly { payload: Uint8Array }[]) => void (payload = new Uint8Array(frames[0]!.payload)),
    used: () => 0,
    close() {},
  };
  const recorder = openRecorder({ folder: '', attempt: 1, nextSeq: { b: 9 }, spool });
  recorder.append('b', 1, [1]);
  recorder.flush();
  return payload;
}
