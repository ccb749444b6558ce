/** @file Claims measured by the server: drawn in a process of its own, or trained as an experiment and judged as runs end; stopped, failed, taken over. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eq } from 'drizzle-orm';
import type { SimulatedClaim, TrainedClaim } from '#core/papers/claim.ts';
import { lastRow } from '#core/results.ts';
import { findings } from '#drizzle/schema.ts';
import { createMeasurements } from './measurements.ts';
import { createFinding } from './store/findings.ts';
import { subject } from './subject.ts';
import { series, startTestServer } from './testing.ts';
import type { TestServer } from './testing.ts';

const words = {
  title: 'Losses end at their seed',
  statement: 'A claim for the tests of the carrier: the last loss of a run is its seed.',
  formula: 'x',
  provenance: 'our choice',
  assumptions: ['none'],
  recipe: 'two runs',
  example: {},
} as const;
const ends: TrainedClaim = {
  ...words,
  name: 'ends',
  specs: (_, seed) => [seed, seed + 1].map((of) => ({ steps: 10, seed: of })),
  metrics: ['loss'],
  judge(results) {
    const values = results.map(({ series }) => lastRow(series('loss'))?.[0] ?? NaN);
    const value = values.length === 2 ? values[1]! - values[0]! : NaN;
    return {
      estimates: [{ name: 'difference', value, interval: [value, value], predicted: 1, window: [0.5, 1.5] }],
      curves: [{ title: 'last losses', x: 'run', y: 'loss', points: values.map((y, x) => ({ x, y, predicted: null })) }],
    };
  },
};

let server: TestServer;
before(async () => {
  server = await startTestServer({
    subject: { ...subject, claim: (paper, name) => (paper === 'tests' && name === 'ends' ? ends : subject.claim(paper, name)) },
  });
});
after(() => server.end());

const fields = 'id paper claim budget seed state share finding verdict reason experimentId';
const measure = (variables: Record<string, unknown>) =>
  server.graphql(
    `mutation($paper: String!, $claim: String!, $budget: Budget!, $seed: Float!) { measureClaim(paper: $paper, claim: $claim, budget: $budget, seed: $seed) { ${fields} } }`,
    { budget: 'tiny', seed: 1, ...variables },
  );
async function until(paper: string, enough: (found: any) => boolean): Promise<any> {
  const query = `subscription($paper: String!) { findingsChanged(paper: $paper) { ${fields} } }`;
  for await (const { findingsChanged } of server.browser().subscribe<any>(query, { paper })) {
    const found = findingsChanged.find(enough);
    if (found) return found;
  }
  throw new Error('the subscription ended');
}

test('a claim that draws its numbers is measured, and whoever follows the paper sees the verdict land', async () => {
  const { data, errors } = await measure({ paper: 'panigrahi2020activations', claim: 'depthCures' });
  assert.equal(errors, undefined);
  assert.deepEqual([data.measureClaim.state, data.measureClaim.verdict, data.measureClaim.experimentId], ['measuring', null, null]);
  const found = await until('panigrahi2020activations', ({ state }) => state !== 'measuring');
  assert.deepEqual([found.id, found.state, found.verdict, found.share], [data.measureClaim.id, 'measured', 'reproduced', 1]);
  assert.equal(found.finding.estimates[0].window[1], 'Infinity');
  const listed = await server.graphql('{ all: findings { id } none: findings(paper: "nobody") { id } }');
  assert.deepEqual([listed.data.all.length, listed.data.none.length], [1, 0]);
});

test('asked twice it is the same measurement; stopped it ends, and what comes after it in the line is measured', async () => {
  const long = {
    paper: 'marion2022scaling',
    claim: (subject.claim('marion2022scaling', 'smoothThreshold') as SimulatedClaim).name,
    budget: 'full',
  };
  const first = (await measure(long)).data.measureClaim;
  assert.equal((await measure(long)).data.measureClaim.id, first.id);
  assert.notEqual((await measure({ ...long, seed: 2 })).data.measureClaim.id, first.id);
  const stop = async (id: string) =>
    (await server.graphql('mutation($id: ID!) { stopFinding(id: $id) { state reason } }', { id })).data.stopFinding;
  assert.deepEqual(await stop(first.id), { state: 'stopped', reason: 'stopped by hand' });
  assert.deepEqual(await stop(first.id), { state: 'stopped', reason: 'stopped by hand' });
  const second = await until('marion2022scaling', ({ seed, state }) => seed === 2 && state === 'measuring');
  await stop(second.id);
  const quick = (await measure({ paper: 'panigrahi2020activations', claim: 'halfCircleLaws' })).data.measureClaim;
  assert.equal(
    (await until('panigrahi2020activations', ({ id, state }) => id === quick.id && state !== 'measuring')).verdict,
    'reproduced',
  );
});

test('a claim that trains is an experiment: judged when one run has ended, measured when all have', async () => {
  const worker = await server.worker();
  const { data } = await measure({ paper: 'tests', claim: 'ends', seed: 5 });
  const { id, experimentId } = data.measureClaim;
  const { data: made } = await server.graphql('query($id: ID!) { experiment(id: $id) { title question runs { seed label } } }', {
    id: experimentId,
  });
  assert.deepEqual(made.experiment.title, 'Losses end at their seed (tiny)');
  assert.deepEqual(
    made.experiment.runs.map(({ seed }: { seed: number }) => seed),
    [5, 6],
  );
  const train = async () => {
    const run = (await worker.claim())!;
    const value = () => run.spec.seed;
    await worker.append(run, [series('loss', { attempt: run.attempt, seq: 0, from: 0, rows: 11, value })]);
    assert.equal((await worker.report(run, { status: 'finished', step: 10 })).status, 200);
  };
  await train();
  const half = await until('tests', (found) => found.finding !== null);
  assert.deepEqual(
    [half.state, half.share, half.finding.curves[0].points.length, half.finding.estimates[0].interval],
    ['measuring', 0.5, 1, ['NaN', 'NaN']],
  );
  await train();
  const whole = await until('tests', ({ state }) => state !== 'measuring');
  assert.deepEqual([whole.id, whole.state, whole.verdict, whole.finding.estimates[0].value], [id, 'measured', 'reproduced', 1]);
});

test('a crashed run fails the measurement with its reason; a deleted experiment too; a stopped one is stopped', async () => {
  const worker = await server.worker();
  const crashed = (await measure({ paper: 'tests', claim: 'ends', seed: 20 })).data.measureClaim;
  const crash = { status: 'crashed', step: 0, reason: 'no memory' } as const;
  for (let run = await worker.claim(); run; run = await worker.claim(300)) await worker.report(run, crash);
  const failed = await until('tests', (found) => found.id === crashed.id && found.state !== 'measuring');
  assert.deepEqual([failed.state, failed.verdict], ['failed', null]);
  assert.match(failed.reason, /a run crashed: .*no memory/);
  const gone = (await measure({ paper: 'tests', claim: 'ends', seed: 30 })).data.measureClaim;
  await server.graphql('mutation($id: ID!) { deleteExperiment(id: $id) }', { id: gone.experimentId });
  assert.equal((await until('tests', (found) => found.id === gone.id && found.state !== 'measuring')).reason, 'its experiment was deleted');
  const stopped = (await measure({ paper: 'tests', claim: 'ends', seed: 40 })).data.measureClaim;
  await server.graphql('mutation($id: ID!) { stopExperiment(id: $id) { id } }', { id: stopped.experimentId });
  assert.equal((await until('tests', (found) => found.id === stopped.id && found.state !== 'measuring')).state, 'stopped');
});

test('unknown claims, bad seeds and budgets are refused', async () => {
  assert.match(
    (await measure({ paper: 'nobody2020', claim: 'depthCures' })).errors![0].message,
    /no such claim: "nobody2020" "depthCures"/,
  );
  assert.match((await measure({ paper: 'constructor', claim: 'constructor' })).errors![0].message, /no such claim/);
  assert.match((await measure({ paper: 'tests', claim: 'ends', seed: 1.5 })).errors![0].message, /seed: must be an integer/);
  assert.match((await measure({ paper: 'tests', claim: 'ends', budget: 'huge' })).errors![0].message, /Budget/);
  const { errors } = await server.graphql('mutation { stopFinding(id: "nothing") { id } }');
  assert.equal(errors![0].extensions.code, 'NOT_FOUND');
});

test('a measurement whose server fell silent is taken over by one that lives', async () => {
  const { client } = server.services;
  const wish = { paper: 'panigrahi2020activations', claim: 'depthCures', budget: 'quick' as const, seed: 77 };
  const row = await createFinding(client, { ...wish, trained: false, by: 'another server', experimentId: null, authorId: null });
  await client.db
    .update(findings)
    .set({ beatAt: new Date(Date.now() - 60_000) })
    .where(eq(findings.id, row.id));
  const heir = createMeasurements(server.services);
  const found = await until('panigrahi2020activations', ({ id, state }) => id === row.id && state !== 'measuring');
  assert.equal(found.verdict, 'reproduced');
  await heir.close();
});
