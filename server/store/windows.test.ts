/** @file Windows against brute force over the rows themselves, with seams, at every zoom, live and ended. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Chunk } from '#core/chunk.ts';
import { liveRows } from '#core/seams.ts';
import { series, startTestServer } from '../testing.ts';
import type { TestServer, TestWorker } from '../testing.ts';
import { metricWindow } from './windows.ts';
import type { Window } from './windows.ts';

let server: TestServer;
let worker: TestWorker;
before(async () => {
  server = await startTestServer();
  worker = await server.worker();
});
after(() => server.end());

const width = 3;
const value = (step: number, column: number) =>
  step % 997 === 5 && column === 1 ? NaN : step % 1499 === 7 && column === 2 ? Infinity : Math.sin(step / 50 + column) * (1 + column);

async function record(run: { id: string; attempt: number }, metric: string, pieces: { from: number; to: number; seq: number }[], each = 1) {
  const chunks: Chunk[] = [];
  for (const { from, to, seq } of pieces) {
    const size = 400;
    for (let at = from, n = seq; at < to; at += size * each, n++) {
      const rows = Math.ceil((Math.min(at + size * each, to) - at) / each);
      const chunk = series(metric, { attempt: run.attempt, seq: n, from: at, rows, width, value });
      chunks.push({
        ...chunk,
        steps: Float64Array.from({ length: rows }, (_, row) => at + row * each),
        values: Float32Array.from({ length: rows * width }, (_, i) => value(at + Math.floor(i / width) * each, i % width)),
      });
    }
  }
  for (let at = 0; at < chunks.length; at += 16) {
    const { status, body } = await worker.append(run, chunks.slice(at, at + 16));
    assert.equal(status, 200, body.error);
  }
  return chunks;
}

function rowsOf(chunks: readonly Chunk[], seams: readonly { attempt: number; step: number }[]) {
  const rows: { step: number; values: number[] }[] = [];
  for (const { steps, values, attempt } of chunks)
    for (let row = 0; row < liveRows(steps, attempt, seams); row++)
      rows.push({ step: steps[row]!, values: [...values.subarray(row * width, (row + 1) * width)] });
  return rows.sort((a, b) => a.step - b.step);
}

function compare(window: Window, rows: ReturnType<typeof rowsOf>) {
  const size = window.bucketSteps;
  const first = Math.floor(window.from / size);
  const last = Math.floor(window.to / size);
  const groups = Map.groupBy(
    rows.filter(({ step }) =>
      window.level === 0 ? step >= window.from && step <= window.to : Math.floor(step / size) >= first && Math.floor(step / size) <= last,
    ),
    ({ step }) => (window.level === 0 ? step : Math.floor(step / size) * size),
  );
  assert.deepEqual([...window.firstSteps], [...groups.keys()]);
  let at = 0;
  for (const group of groups.values()) {
    for (let column = 0; column < width; column++, at++) {
      const all = group.map(({ values }) => values[column]!);
      const finite = all.filter(Number.isFinite);
      const same = (got: number, wanted: number) =>
        assert.ok(Math.abs(got - wanted) < 1e-5 || Object.is(got, wanted), `${got} is not ${wanted}`);
      same(window.min[at]!, finite.length ? Math.min(...finite) : NaN);
      same(window.max[at]!, finite.length ? Math.max(...finite) : NaN);
      same(window.mean[at]!, finite.length ? finite.reduce((sum, each) => sum + each, 0) / finite.length : NaN);
      same(window.last[at]!, all.at(-1)!);
      assert.equal(
        window.nonFinite[at],
        (all.some(Number.isNaN) ? 1 : 0) | (all.includes(Infinity) ? 2 : 0) | (all.includes(-Infinity) ? 4 : 0),
      );
    }
  }
}

const zooms: [number | null, number | null, number][] = [
  [null, null, 800],
  [null, null, 60],
  [null, null, 1],
  [0, 100, 800],
  [4_000, 5_000, 300],
  [123, 17_777, 500],
  [9_000, 9_040, 10],
  [19_900, null, 50],
  [50_000, 60_000, 10],
];

test('windows equal brute force while the run streams, after a resumption over a seam, and once kept', async () => {
  const { runs } = await server.experiment([0], { steps: 20_000 });
  const run = (await worker.claim())!;
  assert.equal(run.id, runs[0]);
  const read = (zoom: (typeof zooms)[number]) =>
    metricWindow(server.services.client, { runId: run.id, metric: 'gradNorm', fromStep: zoom[0], toStep: zoom[1], pixels: zoom[2] });
  const first = await record(run, 'gradNorm', [{ from: 0, to: 15_000, seq: 0 }]);
  for (const zoom of zooms) compare((await read(zoom))!, rowsOf(first, []));
  const kept = async () =>
    (await server.services.client.pool.query('select level, tile from buckets where run_id = $1', [run.id])).rows.length;
  assert.ok((await kept()) >= 3, 'whole tiles are kept');

  await worker.send('PUT', `checkpoint?worker=${worker.id}&run=${run.id}&attempt=1&step=10000`, Buffer.from('state'));
  await worker.report(run, { status: 'crashed', reason: 'test' });
  const second = (await worker.claim())!;
  const seams = [{ attempt: 2, step: 10_000 }];
  for (const zoom of zooms) compare((await read(zoom))!, rowsOf(first, seams));
  const more = await record(second, 'gradNorm', [{ from: 10_000, to: 20_000, seq: second.nextSeq.gradNorm! }]);
  const all = rowsOf([...first, ...more], seams);
  assert.equal(all.length, 20_000, 'every step counts once');
  for (let pass = 0; pass < 2; pass++) for (const zoom of zooms) compare((await read(zoom))!, all);
  const whole = (await read([null, null, 800]))!;
  assert.deepEqual([whole.level, whole.bucketSteps, whole.rows, whole.totalRows], [5, 32, 625, 20_000]);
  assert.deepEqual(
    whole.seams.map(({ attempt, step }) => ({ attempt, step })),
    seams,
  );
  await worker.report(second, { status: 'finished' });
});

test('a metric measured now and then is given as recorded, whatever the zoom', async () => {
  await server.experiment([0], { steps: 20_000 });
  const run = (await worker.claim())!;
  const chunks = await record(run, 'heldOutLoss', [{ from: 0, to: 20_000, seq: 0 }], 50);
  const window = (await metricWindow(server.services.client, {
    runId: run.id,
    metric: 'heldOutLoss',
    fromStep: null,
    toStep: null,
    pixels: 800,
  }))!;
  assert.deepEqual([window.level, window.rows, window.totalRows], [0, 400, 400]);
  compare(window, rowsOf(chunks, []));
  await worker.report(run, { status: 'finished' });
});

test('a subscription from a window’s cursor brings what comes after it and nothing else', async () => {
  await server.experiment([0]);
  const run = (await worker.claim())!;
  await record(run, 'gradNorm', [{ from: 0, to: 800, seq: 0 }]);
  const { data } = await server.graphql(
    'query($id: ID!) { a: metricWindow(runId: $id, metric: "gradNorm") { cursor totalRows } b: metricWindow(runId: $id, metric: "loss") { cursor rows width } }',
    { id: run.id },
  );
  assert.deepEqual([data.a.totalRows, data.b.rows, data.b.width], [800, 0, 0]);
  await record(run, 'gradNorm', [{ from: 800, to: 1000, seq: 2 }]);
  const { chunks } = await server
    .browser()
    .chunks(run.id, ['gradNorm', 'loss'], `${data.a.cursor},${data.b.cursor}`, (all) => all.length > 0);
  assert.deepEqual(
    chunks.map(({ seq, steps }) => [seq, steps[0], steps.length]),
    [[2, 800, 200]],
  );
  const { data: again } = await server.graphql('query($id: ID!) { run(id: $id) { sparkline metrics { name width } } }', { id: run.id });
  assert.deepEqual(again.run, { sparkline: [], metrics: [{ name: 'gradNorm', width: 3 }] });
  await worker.report(run, { status: 'finished' });
});

test('a window of an unknown run, of no pixels or from after to is refused', async () => {
  const ask = async (args: string) => (await server.graphql(`{ metricWindow(${args}) { rows } }`)).errors?.[0].message;
  assert.match(await ask('runId: "nobody", metric: "loss"'), /no such run/);
  assert.match(await ask('runId: "nobody", metric: "loss", pixels: 0'), /at least 1, got 0/);
  assert.match(await ask('runId: "nobody", metric: "loss", fromStep: 5, toStep: 1'), /must not be after/);
});
