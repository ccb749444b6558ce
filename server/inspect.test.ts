/** @file The mutation inspect: answered in a process of its own, refused by field, bounded in time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createInspect } from './inspect.ts';
import { startTestServer } from './testing.ts';
import type { TestServer } from './testing.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.end());

const question = {
  layers: [{ type: 'dense', out: 1, bias: false }],
  params: { w: [[2], [-1]] },
  inputs: [
    [1, 0],
    [0, 1],
  ],
  targets: [[0], [0]],
  loss: 'half_mse',
  ask: ['loss', { hessian: { spectrum: true } }],
};
const mutation = 'mutation($input: JSON!) { inspect(input: $input) }';

test('the loss and the spectrum of a linear network come back', async () => {
  const { data, errors } = await server.graphql(mutation, { input: question });
  assert.equal(errors, undefined);
  assert.equal(data.inspect.loss, 1.25);
  assert.deepEqual(data.inspect.hessian.spectrum, [0.5, 0.5]);
});

test('weights may come along as a file; a file of this machine is not read', async () => {
  const file = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x46\x00', 'latin1'),
    Buffer.from(`${"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }".padEnd(69)}\n`, 'latin1'),
    Buffer.from(Float64Array.of(2, -1).buffer),
  ]);
  const input = { ...question, params: { w: { file: 'w.npy' } }, files: { 'w.npy': file.toString('base64') } };
  assert.equal((await server.graphql(mutation, { input })).data.inspect.loss, 1.25);
  const { errors } = await server.graphql(mutation, { input: { ...question, params: { file: '/etc/passwd' } } });
  assert.match(errors![0].message, /params\.file: must be a file that came with the question/);
});

test('faults come back with their paths', async () => {
  for (const [input, path] of [
    [{ ...question, layers: [{ type: 'lstm' }] }, 'layers[0].type'],
    [{ ...question, files: 7 }, 'files'],
    [7, ''],
  ] as const) {
    const { errors } = await server.graphql(mutation, { input });
    assert.equal(errors![0].extensions.code, 'BAD_QUESTION');
    assert.equal(errors![0].extensions.issues[0].path, path);
  }
});

test('what takes too long is ended, and a stopping server asks nothing', async () => {
  const inspect = createInspect({ stopping: new AbortController().signal }, { ms: 1 });
  await assert.rejects(inspect(question), /not answered within 0\.001 s/);
  await assert.rejects(createInspect({ stopping: AbortSignal.abort() })(question), /stopping/);
});

test('a body above 512 KiB is taken only where weights are expected', async () => {
  const heavy = { ...question, title: 'x'.repeat(1_000), inputs: Array.from({ length: 40_000 }, () => [0.123456789, 0.987654321]) };
  const body = JSON.stringify({ query: mutation, variables: { input: heavy } });
  const post = (url: string) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  assert.equal((await post(`${server.url}/graphql`)).status, 413);
  const { errors } = (await (await post(`${server.url}/graphql?inspect`)).json()) as { errors: { message: string }[] };
  assert.match(errors[0]!.message, /targets: must be of shape \[40000,1\]/);
});
