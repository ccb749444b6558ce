/** @file Diagnoses of runs as they stand in the store: thinned, kept until the run advances, over GraphQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { subject } from '../subject.ts';
import { series, startTestServer } from '../testing.ts';
import type { TestServer, TestWorker } from '../testing.ts';

let server: TestServer;
let worker: TestWorker;
before(async () => {
  server = await startTestServer({ subject });
  worker = await server.worker();
});
after(() => server.end());

const width = 6; // five hidden layers and the readout
const spec = { network: { kind: 'mlpChain', depth: 5, width: 16 }, steps: 5000, metrics: { every: 2 } };
const query = '{ name title severity words layers fromStep toStep paper numbers remedies { words spec } }';
const asked = async (id: string) => {
  const { data, errors } = await server.graphql(`query($id: ID!) { run(id: $id) { diagnoses ${query} } }`, { id });
  assert.equal(errors, undefined);
  return data.run.diagnoses as { name: string; words: string; layers: number[]; fromStep: number; toStep: number; remedies: any[] }[];
};
/** Rows of every second step from `from` on. */
const rows = (metric: string, seq: number, from: number, count: number, value: (step: number, layer: number) => number) => ({
  ...series(metric, { attempt: 1, seq, from, rows: count, width }),
  steps: Float64Array.from({ length: count }, (_, row) => from + 2 * row),
  values: Float32Array.from({ length: count * width }, (_, i) => value(from + 2 * Math.floor(i / width), i % width)),
});

test('a long run is judged by its first row and thinned ones, again as soon as it advances', async () => {
  const { runs } = await server.experiment([1], spec);
  const run = (await worker.claim())!;
  assert.equal(run.id, runs[0]);
  assert.deepEqual(await asked(run.id), []);

  // the gradient of layer2 is 1e-6 of layer5's until step 2000, then all are equal
  const gradient = (step: number, layer: number) => (layer === 1 && step <= 2000 ? 1e-6 : 1);
  for (let seq = 0; seq < 4; seq++)
    await worker.append(run, [rows('gradNorm', seq, seq * 1000, 500, gradient), rows('activationNorm', seq, seq * 1000, 500, () => 1)]);
  await worker.report(run, { status: 'running', step: 3998 });
  const [found, ...others] = await asked(run.id);
  assert.deepEqual(others, []);
  assert.equal(found!.words, 'the gradient norm falls by 10^6.0 from layer5 to layer2 (step 0)');
  assert.deepEqual([found!.layers, found!.fromStep], [[1], 0]);
  // 2,000 rows in buckets of 16 or 32 steps: the last one that holds ends within a bucket of step 2000
  assert.ok(found!.toStep > 2000 - 32 && found!.toStep <= 2000 && found!.toStep % 2 === 0, String(found!.toStep));
  assert.ok(found!.remedies.every(({ spec: changed }) => changed.dataset.kind === 'glyphs'));

  await worker.append(run, [{ ...rows('loss', 0, 3998, 1, () => NaN), width: 1, values: Float32Array.of(Infinity) }]);
  await worker.report(run, { status: 'diverged', reason: 'test', step: 3999 });
  const names = (await asked(run.id)).map(({ name }) => name);
  assert.deepEqual(names, ['explodingGradients', 'vanishingGradients']);
});

test('the catalog has the diagnoses, with their rules', async () => {
  const { data } = await server.graphql('{ catalog { kind name formula } }');
  const found = data.catalog.filter(({ kind }: { kind: string }) => kind === 'diagnosis');
  assert.ok(found.some(({ name, formula }: { name: string; formula: string }) => name === 'deadUnits' && formula.includes('dead')));
});
