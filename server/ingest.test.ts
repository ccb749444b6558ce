/** @file The door for workers, over real HTTP and a real database. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeChunk } from '#core/chunk.ts';
import { frame, series, startTestServer } from './testing.ts';
import type { TestServer, TestWorker } from './testing.ts';

let server: TestServer;
let worker: TestWorker;
before(async () => {
  server = await startTestServer();
  worker = await server.worker();
});
after(() => server.end());

async function claimed(spec: Record<string, unknown> = {}) {
  const { id, runs } = await server.experiment([0], spec);
  const run = await worker.claim();
  assert.ok(run && run.id === runs[0]);
  return { ...run, experiment: id };
}
const statusOf = async (id: string) =>
  (await server.graphql('query($id: ID!) { run(id: $id) { status reason step attempt seams { step attempt } } }', { id })).data.run;
const stored = async (id: string) =>
  (
    await server.services.client.pool.query('select metric, seq, rows, width, attempt from chunks where run_id = $1 order by metric, seq', [
      id,
    ])
  ).rows;

test('a request without the token is refused', async () => {
  for (const authorization of ['', 'Bearer wrong'])
    assert.equal((await worker.send('POST', 'claim', { worker: worker.id, waitMs: 0 }, { authorization })).status, 401);
});

test('a claim without work answers null, and one that waits is woken by an experiment', async () => {
  assert.equal(await worker.claim(0), null);
  const waiting = worker.claim(20_000);
  const { runs } = await server.experiment([7]);
  const run = await waiting;
  assert.equal(run?.id, runs[0]);
  assert.equal(run?.attempt, 1);
  assert.equal((run?.spec as { seed: number }).seed, 7);
  assert.equal((await worker.report(run!, { status: 'finished' })).status, 200);
  assert.equal((await statusOf(run!.id)).status, 'finished');
});

test('a claim by an unknown worker is told to register again', async () => {
  const { status, body } = await worker.send('POST', 'claim', { worker: 'nobody', waitMs: 0 });
  assert.equal(status, 404);
  assert.match(body.error, /register again/);
});

test('a metric knows the experiments that record it, newest first', async () => {
  const using = async (name: string) =>
    (await server.graphql('query($name: String!) { experimentsUsing(kind: "metric", name: $name) { runs experiment { id } } }', { name }))
      .data.experimentsUsing;
  const made: string[] = [];
  for (const metric of ['hessianTrace', 'hessianTrace', 'gradNorm']) {
    const run = await claimed();
    made.push(run.experiment);
    await worker.append(run, [series(metric, { attempt: 1, seq: 0, from: 0, rows: 2 })]);
    await worker.report(run, { status: 'finished' });
  }
  assert.deepEqual(await using('hessianTrace'), [
    { runs: 1, experiment: { id: made[1] } },
    { runs: 1, experiment: { id: made[0] } },
  ]);
  assert.deepEqual(await using('gradNorm'), [{ runs: 1, experiment: { id: made[2] } }]);
  assert.deepEqual(await using('nothing'), []);
});

test('chunks are stored as they are, acknowledged, and a replay changes nothing', async () => {
  const run = await claimed();
  const chunks = [
    series('loss', { attempt: 1, seq: 0, from: 0, rows: 10 }),
    series('gradNorm', { attempt: 1, seq: 0, from: 0, rows: 10, width: 3 }),
    series('loss', { attempt: 1, seq: 1, from: 10, rows: 5 }),
  ];
  const first = await worker.append(run, chunks);
  assert.deepEqual(first, { status: 200, body: { acked: { loss: 1, gradNorm: 0 }, desired: 'run' } });
  const again = await worker.append(run, [...chunks, series('loss', { attempt: 1, seq: 2, from: 15, rows: 1 })]);
  assert.deepEqual(again.body.acked, { loss: 2, gradNorm: 0 });
  assert.deepEqual(
    (await stored(run.id)).map(({ metric, seq, rows }) => [metric, seq, rows]),
    [
      ['gradNorm', 0, 10],
      ['loss', 0, 10],
      ['loss', 1, 5],
      ['loss', 2, 1],
    ],
  );
  const { rows } = await server.services.client.pool.query(`select body from chunks where run_id = $1 and metric = 'loss' and seq = 1`, [
    run.id,
  ]);
  assert.deepEqual(new Uint8Array(rows[0].body), encodeChunk(chunks[2]!));
  assert.equal(
    (await server.services.client.pool.query(`select rows from heads where run_id = $1 and metric = 'loss'`, [run.id])).rows[0].rows,
    16,
  );
  assert.equal((await statusOf(run.id)).step, 15);
  await worker.report(run, { status: 'finished' });
});

test('a gap, another width, steps that go back and a foreign attempt are refused, and nothing is stored', async () => {
  const run = await claimed();
  await worker.append(run, [series('loss', { attempt: 1, seq: 0, from: 0, rows: 10 })]);
  const refused: [string, ReturnType<typeof series>[], RegExp][] = [
    ['gap', [series('loss', { attempt: 1, seq: 2, from: 20, rows: 1 })], /seq 1 of loss must come next, got 2/],
    ['width', [series('loss', { attempt: 1, seq: 1, from: 20, rows: 1, width: 2 })], /loss is 1 values wide, got 2/],
    ['steps back', [series('loss', { attempt: 1, seq: 1, from: 3, rows: 1 })], /must not go back: after 9 came 3/],
    ['foreign attempt', [series('loss', { attempt: 9, seq: 1, from: 20, rows: 1 })], /a chunk of attempt 9 in an append of attempt 1/],
    [
      'out of order within',
      [series('loss', { attempt: 1, seq: 2, from: 20, rows: 1 }), series('loss', { attempt: 1, seq: 1, from: 10, rows: 1 })],
      /must come next/,
    ],
    [
      'good beside bad',
      [series('accuracy', { attempt: 1, seq: 0, from: 0, rows: 1 }), series('loss', { attempt: 1, seq: 5, from: 20, rows: 1 })],
      /seq 1 of loss must come next, got 5/,
    ],
  ];
  for (const [what, chunks, message] of refused) {
    const { status, body } = await worker.append(run, chunks);
    assert.equal(status, 400, what);
    assert.match(body.error!, message, what);
  }
  assert.deepEqual((await stored(run.id)).length, 1);
  await worker.report(run, { status: 'finished' });
});

test('truncated, changed and oversized bytes are refused with a sentence', async () => {
  const run = await claimed();
  const good = encodeChunk(series('loss', { attempt: 1, seq: 0, from: 0, rows: 4 }));
  const send = (body: Uint8Array) => worker.send('POST', `append?worker=${worker.id}&run=${run.id}&attempt=1`, body);
  for (let cut = 1; cut < good.length; cut += 7) assert.equal((await worker.append(run, [good.subarray(0, cut)])).status, 400);
  const changed = good.slice();
  changed[good.length - 1]! ^= 1;
  assert.match((await worker.append(run, [changed])).body.error!, /checksum/);
  assert.match((await send(frame([good]).subarray(0, 20))).body.error, /announces/);
  assert.match((await send(Buffer.concat([frame([good]), Buffer.from([1, 2])]))).body.error, /left over/);
  assert.equal((await send(Buffer.alloc(16 * 1024 * 1024 + 1))).status, 413);
  assert.equal((await stored(run.id)).length, 0);
  assert.equal((await send(frame([good]))).status, 200);
  await worker.report(run, { status: 'finished' });
});

test('two appends of the same chunks at once store them once', async () => {
  const run = await claimed();
  const chunks = Array.from({ length: 8 }, (_, seq) => series('loss', { attempt: 1, seq, from: seq * 4, rows: 4 }));
  const answers = await Promise.all(Array.from({ length: 6 }, () => worker.append(run, chunks)));
  assert.ok(answers.every(({ status, body }) => status === 200 && body.acked.loss === 7));
  assert.equal((await stored(run.id)).length, 8);
  assert.equal((await server.services.client.pool.query('select rows from heads where run_id = $1', [run.id])).rows[0].rows, 32);
  await worker.report(run, { status: 'finished' });
});

test('another worker, another attempt and an ended run are fenced off', async () => {
  const run = await claimed();
  const other = await server.worker('another');
  const chunk = series('loss', { attempt: 1, seq: 0, from: 0, rows: 1 });
  assert.equal((await other.append(run, [chunk])).status, 409);
  assert.equal((await worker.append({ id: run.id, attempt: 2 }, [{ ...chunk, attempt: 2 }])).status, 409);
  assert.equal((await other.report(run, { status: 'finished' })).status, 409);
  assert.equal((await worker.send('POST', 'heartbeat', { worker: worker.id, run: run.id, attempt: 5 })).status, 409);
  await worker.report(run, { status: 'stopped', reason: 'enough' });
  assert.equal((await worker.append(run, [chunk])).status, 409);
  assert.equal((await worker.report(run, { status: 'stopped' })).status, 200, 'a repeated last word');
  assert.equal((await stored(run.id)).length, 0);
});

test('a crashed run is given out again from its checkpoint with a seam, and given up after three attempts', async () => {
  const run = await claimed();
  const checkpoint = Buffer.from(Array.from({ length: 5_000_000 }, (_, at) => (at * 7) & 255));
  await worker.append(run, [series('loss', { attempt: 1, seq: 0, from: 0, rows: 100 })]);
  const put = await worker.send('PUT', `checkpoint?worker=${worker.id}&run=${run.id}&attempt=1&step=50`, checkpoint);
  assert.deepEqual(put, { status: 200, body: { stored: true } });
  await worker.report(run, { status: 'crashed', reason: 'out of memory' });
  const second = (await worker.claim())!;
  assert.deepEqual([second.id, second.attempt, second.checkpointStep, second.nextSeq], [run.id, 2, 50, { loss: 1 }]);
  const got = await worker.send('GET', `checkpoint?worker=${worker.id}&run=${run.id}&attempt=2`);
  assert.ok(checkpoint.equals(got.body));
  assert.deepEqual((await statusOf(run.id)).seams, [{ step: 50, attempt: 2 }]);
  assert.equal((await worker.append(second, [series('loss', { attempt: 2, seq: 1, from: 50, rows: 10 })])).status, 200);
  await worker.report(second, { status: 'crashed', reason: 'again' });
  const third = (await worker.claim())!;
  await worker.report(third, { status: 'crashed', reason: 'and again' });
  const last = await statusOf(run.id);
  assert.equal(last.status, 'crashed');
  assert.match(last.reason, /given up after 3 attempts; the last: and again/);
  assert.equal(await worker.claim(0), null);
});

test('pause, resume and stop reach a running run by its worker and a queued one at once', async () => {
  const ask = async (what: string, id: string) =>
    (await server.graphql(`mutation($id: ID!) { ${what}Run(id: $id) { status desired } }`, { id })) as any;
  const run = await claimed();
  await ask('pause', run.id);
  const answered = await worker.append(run, [series('loss', { attempt: 1, seq: 0, from: 0, rows: 1 })]);
  assert.equal(answered.body.desired, 'pause');
  await worker.report(run, { status: 'paused' });
  assert.equal((await statusOf(run.id)).status, 'paused');
  assert.equal((await ask('resume', run.id)).data.resumeRun.status, 'queued');
  assert.equal((await ask('pause', run.id)).data.pauseRun.status, 'paused');
  assert.equal(await worker.claim(0), null, 'its job is stale');
  await ask('resume', run.id);
  const again = (await worker.claim())!;
  assert.equal(again.attempt, 2);
  await ask('stop', run.id);
  assert.equal((await worker.send('POST', 'heartbeat', { worker: worker.id, run: run.id, attempt: 2 })).body.desired, 'stop');
  await worker.report(again, { status: 'stopped' });
  const { errors } = await ask('pause', run.id);
  assert.match(errors[0].message, /a run that has stopped cannot pause/);
});

test('a worker that is shut down gives its run back without counting a failure', async () => {
  const run = await claimed();
  await worker.report(run, { status: 'queued' });
  const row = (await server.services.client.pool.query('select failures, status from runs where id = $1', [run.id])).rows[0];
  assert.deepEqual(row, { failures: 0, status: 'queued' });
  const again = (await worker.claim())!;
  assert.deepEqual([again.id, again.attempt], [run.id, 2]);
  await worker.report(again, { status: 'finished' });
});

test('a silent worker’s run is stalled, heard of again, and after the lease given to another', async () => {
  const { sweep } = await import('./store/runs.ts');
  const run = await claimed();
  const silent = (seconds: number) =>
    server.services.client.pool.query(`update runs set heartbeat_at = now() - make_interval(secs => $2) where id = $1`, [run.id, seconds]);
  await silent(20);
  await sweep(server.services, { stalledMs: 15_000, leaseMs: 60_000 });
  assert.equal((await statusOf(run.id)).status, 'stalled');
  await worker.send('POST', 'heartbeat', { worker: worker.id, run: run.id, attempt: 1 });
  assert.equal((await statusOf(run.id)).status, 'running');
  await silent(61);
  await sweep(server.services, { stalledMs: 15_000, leaseMs: 60_000 });
  const other = await server.worker('another');
  const taken = (await other.claim())!;
  assert.deepEqual([taken.id, taken.attempt], [run.id, 2]);
  assert.equal((await worker.append(run, [series('loss', { attempt: 1, seq: 0, from: 0, rows: 1 })])).status, 409);
  await other.report(taken, { status: 'finished' });
});

test('malformed messages are refused with the field', async () => {
  assert.match((await worker.send('POST', 'report', { worker: worker.id, run: 'x', attempt: -1 })).body.error, /attempt/);
  assert.match(
    (await worker.send('POST', 'register', { protocol: 99, name: '', host: '', pid: 1, runtimes: [] })).body.error,
    /protocol 99 is not spoken here; known: 1/,
  );
  assert.equal((await worker.send('POST', 'nonsense', {})).status, 404);
  assert.equal((await worker.send('PUT', `checkpoint?worker=${worker.id}&run=x&attempt=1&step=-5`, Buffer.from('x'))).status, 400);
});

test('what a run says with U+0000 in it is kept without, and values of the wrong kind are refused with the field', async () => {
  const run = await claimed();
  const said = { log: [{ at: '', level: 'info' as const, text: 'c\0d' }], seam: { step: 1, reason: 'e\0f' } };
  const facts = { host: 'g\0h', finals: { loss: 'NaN\0', 'x\0': 1 }, runtimeTable: [{ device: '\0' }] as never };
  assert.equal((await worker.report(run, { ...said, facts })).status, 200);
  const kept = 'query($id: ID!) { run(id: $id) { finals log { text } seams { reason } } }';
  const { finals, log, seams } = (await server.graphql(kept, { id: run.id })).data.run;
  assert.deepEqual([finals, log[0].text, seams[0].reason], [{ loss: 'NaN\ufffd', 'x\ufffd': 1 }, 'c\ufffdd', 'e\ufffdf']);
  const kind = async (message: object) => (await worker.report(run, message as never)).body.error;
  assert.match(await kind({ facts: { parameters: 'many' } }), /^facts\.parameters: /);
  assert.match(await kind({ facts: { metrics: 'x' } }), /^facts\.metrics: /);
  assert.match(await kind({ seam: { step: 1.5, reason: '' } }), /^seam\.step: /);
  assert.match(await kind({ attempt: 4e9 }), /^attempt: /);
  assert.equal((await worker.report(run, { facts: { stepsPerSecond: Infinity } })).status, 200); // JSON has null for it
  const register = { protocol: 1, name: 'a\0', host: 'h', pid: 1, runtimes: [{ name: '\0', version: '', device: '', available: true }] };
  assert.equal((await worker.send('POST', 'register', register)).status, 200);
  assert.match((await worker.send('POST', 'claim', { worker: 'a\0', waitMs: 0 })).body.error, /^worker: must not hold U\+0000/);
  assert.equal((await worker.send('POST', `append?worker=${worker.id}&run=%00&attempt=1`, frame([]))).status, 400);
  assert.equal((await worker.report(run, { status: 'stopped', reason: 'a\0b'.repeat(3_000) })).status, 200);
  assert.match((await statusOf(run.id)).reason, /^a\ufffdba\ufffd/);
});
