/** @file The line to the server: what each answer means to the worker, and how long it waits before it asks again. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { backoff, failureOf, joinChunks, openLink, type Failure } from './link.ts';

async function serve(t: TestContext, listener: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer({}, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
const claim = { worker: 'w', run: 'r', attempt: 1 };

test('each refusal is told apart by what the worker does about it', async (t) => {
  let status = 200;
  const { url } = await serve(t, (_, response) => response.writeHead(status).end('{}'));
  const expected: [number, Failure][] = [
    [400, 'refused'],
    [401, 'unauthorized'],
    [404, 'unknown'],
    [405, 'unknown'],
    [409, 'fenced'],
    [413, 'tooLarge'],
    [429, 'away'],
    [500, 'away'],
    [503, 'away'],
  ];
  for (const [code, failure] of expected) {
    status = code;
    await assert.rejects(openLink(url, 'token').append(claim, [Uint8Array.of(1)]), (error) => failureOf(error) === failure, `${code}`);
  }
});

test('nobody listening, an answer cut short and silence are all the server being away', async (t) => {
  const { url: silent } = await serve(t, () => {});
  const { url: cut } = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"acked"');
    setImmediate(() => response.destroy());
  });
  const { url: gone, server } = await serve(t, () => {});
  await new Promise((resolve) => server.close(resolve));
  for (const url of [silent, cut, gone])
    await assert.rejects(openLink(url, 'token', { timeoutMs: 200 }).append(claim, []), (error) => failureOf(error) === 'away');
});

test('who does not answer, and with what an answer is none, stands in the words', async (t) => {
  let answer = '<html>';
  const { url } = await serve(t, (_, response) => response.end(answer));
  const { url: gone, server } = await serve(t, () => {});
  await new Promise((resolve) => server.close(resolve));
  const link = openLink(`${url}/`, 'token');
  await assert.rejects(link.claim({ worker: 'w', waitMs: 0 }), { message: `${url} answers POST /worker/claim with what is no JSON` });
  answer = '{"run":null}';
  assert.deepEqual(await link.claim({ worker: 'w', waitMs: 0 }), { run: null });
  await assert.rejects(openLink(gone, 'token').claim({ worker: 'w', waitMs: 0 }), {
    message: `${gone} does not answer POST /worker/claim: ECONNREFUSED`,
  });
});

test('every request carries the token, and connections are kept for the next', async (t) => {
  const ports = new Set<number>();
  const tokens = new Set<string>();
  const { url } = await serve(t, (request, response) => {
    ports.add(request.socket.remotePort!);
    tokens.add(request.headers.authorization!);
    request.resume().on('end', () => response.end('{"acked":{},"desired":"run"}'));
  });
  const link = openLink(`${url}/`, 'secret');
  for (let i = 0; i < 5; i++) await link.append(claim, [Uint8Array.of(i)]);
  assert.ok(ports.size <= 2, `${ports.size} connections for 5 requests`);
  assert.deepEqual([...tokens], ['Bearer secret']);
});

test('the body of an append is each chunk behind its length', () => {
  assert.deepEqual([...joinChunks([Uint8Array.of(7, 8), Uint8Array.of(9)])], [2, 0, 0, 0, 7, 8, 1, 0, 0, 0, 9]);
});

test('a checkpoint that is not there is null', async (t) => {
  const { url } = await serve(t, (_, response) => response.writeHead(404).end());
  assert.equal(await openLink(url, 'token').getCheckpoint(claim), null);
});

test('the waits double up to the most, begin again after a success, and are spread over their upper half', async () => {
  const waited: number[] = [];
  const options = { firstMs: 100, maxMs: 400, pause: async (ms: number) => void waited.push(ms) };
  const slow = backoff({ ...options, random: () => 1 });
  for (let i = 0; i < 4; i++) await slow.wait();
  slow.reset();
  await slow.wait();
  await backoff({ ...options, random: () => 0 }).wait();
  assert.deepEqual(waited, [100, 200, 400, 400, 100, 50]);
});
