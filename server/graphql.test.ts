/** @file The GraphQL door: experiments from real specs, identity, limits, origin, and a fresh schema file. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { getIntrospectionQuery } from 'graphql';
import { printed } from './schema/schema.ts';
import { subject } from './subject.ts';
import { startTestServer } from './testing.ts';
import type { TestServer } from './testing.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ subject });
});
after(() => server.end());

const create =
  'mutation($input: CreateExperimentInput!) { createExperiment(input: $input) { id title status counts progress runs { id label group seed status steps specHash spec } } }';

test('the printed schema file is fresh', async () => {
  assert.equal(await readFile(new URL('./schema.graphql', import.meta.url), 'utf8'), printed, 'run: node server/schema/print.ts');
});

test('a preset becomes an experiment whose runs are grouped by all but the seed', async () => {
  const { data: given } = await server.graphql('{ presets { name title question spec grid } }');
  const { title, question, spec, grid } = given.presets[0];
  const { data, errors } = await server.graphql(create, { input: { title, question, spec, grid } });
  assert.equal(errors, undefined);
  const { runs, counts, status, progress } = data.createExperiment;
  assert.equal(runs.length, 9);
  assert.deepEqual([counts, status, progress], [{ queued: 9 }, 'queued', 0]);
  assert.deepEqual(new Set(runs.map((run: { label: string }) => run.label)), new Set(['none', 'l2', 'weightRescaling']));
  assert.equal(new Set(runs.map((run: { group: string }) => run.group)).size, 3);
  assert.equal(new Set(runs.map((run: { specHash: string }) => run.specHash)).size, 9);
  const { data: listed } = await server.graphql(
    '{ experiments(filter: "wd AGAINST") { id runs { id } annotationsCount } none: experiments(filter: "100%") { id } }',
  );
  assert.deepEqual([listed.experiments.length, listed.experiments[0].runs.length, listed.none.length], [1, 9, 0]);
});

test('faults of a spec come back with their paths, and nothing is stored', async () => {
  const before = (await server.graphql('{ experiments { id } }')).data.experiments.length;
  for (const spec of [
    { network: { kind: 'mlpChain', depth: 1e9 } },
    { optimizer: { kind: 'sgd', learningRate: -1 } },
    { nonsense: 1 },
    { network: { kind: 'nothing' } },
    7,
    null,
  ]) {
    const { errors } = await server.graphql(create, { input: { title: 't', spec: spec ?? 'x' } });
    assert.equal(errors![0].extensions.code, 'BAD_SPEC', JSON.stringify(spec));
    assert.ok(errors![0].extensions.issues.length >= 1);
  }
  const { data } = await server.graphql('query($spec: JSON!) { validateSpec(spec: $spec) { ok runs issues { path message } } }', {
    spec: { batchSize: 0 },
  });
  assert.deepEqual([data.validateSpec.ok, data.validateSpec.runs, data.validateSpec.issues[0].path], [false, 0, 'batchSize']);
  assert.equal((await server.graphql('{ experiments { id } }')).data.experiments.length, before);
});

test('the catalog, the estimate and the system answer', async () => {
  const { data, errors } = await server.graphql(
    'query($spec: JSON!, $grid: JSON) { catalog { kind name title formula about source unit fields axes cost scale } estimate(spec: $spec, grid: $grid) { runs seconds parameters bytes detail } system { version database workers { id } queued } me { name } }',
    { spec: {}, grid: [{ path: 'seed', values: [1, 2] }] },
  );
  assert.equal(errors, undefined);
  assert.ok(data.catalog.some(({ kind, name }: { kind: string; name: string }) => kind === 'metric' && name === 'gradNorm'));
  assert.equal(data.estimate.runs, 2);
  assert.ok(data.estimate.seconds > 0 && data.estimate.parameters > 0);
  assert.match(data.system.database, /^embedded PostgreSQL 18/);
});

test('an entry of the catalog knows the experiments that use it, newest first, with how many runs', async () => {
  const make = async (title: string, values: unknown[]) => {
    const input = { title, spec: { optimizer: { kind: 'momentum', learningRate: 0.01 } }, grid: [{ path: 'optimizer', values }] };
    return (await server.graphql(create, { input })).data.createExperiment.id;
  };
  const one = await make('one', [{ kind: 'novoGrad' }, { kind: 'momentum', learningRate: 0.3 }]);
  const two = await make('two', [
    { kind: 'novoGrad', learningRate: 0.3 },
    { kind: 'novoGrad', learningRate: 0.2 },
  ]);
  const using = (name: string) =>
    server.graphql('query($name: String!) { experimentsUsing(kind: "optimizer", name: $name) { runs experiment { id } } }', { name });
  assert.deepEqual((await using('novoGrad')).data.experimentsUsing, [
    { runs: 2, experiment: { id: two } },
    { runs: 1, experiment: { id: one } },
  ]);
  assert.deepEqual((await using(`x'; drop table runs; --"`)).data.experimentsUsing, []);
});

test('pages of experiments go on where the last one ended', async () => {
  const made: string[] = [];
  for (let n = 0; n < 5; n++)
    made.push((await server.graphql(create, { input: { title: `page ${n}`, spec: {} } })).data.createExperiment.id);
  const seen: string[] = [];
  for (let last: string | null = null; ;) {
    const { data }: { data: any } = await server.graphql(
      'query($after: String) { experiments(filter: "page ", first: 2, after: $after) { id } }',
      { after: last },
    );
    if (data.experiments.length === 0) break;
    seen.push(...data.experiments.map(({ id }: { id: string }) => id));
    last = seen.at(-1)!;
  }
  assert.deepEqual(seen, made.reverse());
});

test('a browser is a person by its httpOnly cookie; only the author edits a note', async () => {
  const meet = async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ me { id name } }' }),
    });
    const set = response.headers.get('set-cookie')!;
    assert.match(set, /^plateau_person=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax/);
    return { cookie: set.split(';')[0]! };
  };
  const [ada, bob] = [await meet(), await meet()];
  const { data: named } = await server.graphql('mutation { setDisplayName(name: "  Ada ") { name } }', {}, ada);
  assert.equal(named.setDisplayName.name, 'Ada');
  assert.match(
    (await server.graphql('mutation { setDisplayName(name: "   ") { name } }', {}, ada)).errors![0].message,
    /name: at least one character/,
  );
  const { data: experiment } = await server.graphql(create, { input: { title: 'notes', spec: {} } });
  const experimentId = experiment.createExperiment.id;
  const add = 'mutation($input: AddAnnotationInput!) { addAnnotation(input: $input) { id body anchor author { name } } }';
  const input = { experimentId, metric: 'loss', anchor: { kind: 'interval', fromStep: 3, toStep: 9 }, body: '<script>alert(1)</script>' };
  const { data } = await server.graphql(add, { input }, ada);
  const { id } = data.addAnnotation;
  assert.equal(data.addAnnotation.body, input.body, 'kept as typed');
  assert.match(
    (await server.graphql('mutation($id: ID!) { editAnnotation(id: $id, body: "mine") { id } }', { id }, bob)).errors![0].message,
    /not yours/,
  );
  assert.equal((await server.graphql('mutation($id: ID!) { deleteAnnotation(id: $id) }', { id }, bob)).data.deleteAnnotation, false);
  const { data: resolved } = await server.graphql(
    'mutation($id: ID!) { resolveAnnotation(id: $id, resolved: true) { resolved resolvedBy { id } } addComment(annotationId: $id, body: "yes") { id } }',
    { id },
    bob,
  );
  assert.equal(resolved.resolveAnnotation.resolved, true);
  for (const anchor of [
    { kind: 'interval', fromStep: 9, toStep: 3 },
    { kind: 'point' },
    { kind: 'star' },
    { kind: 'point', step: 1, more: 2 },
    null,
    'x',
  ])
    assert.match((await server.graphql(add, { input: { ...input, anchor: anchor ?? 0 } }, ada)).errors![0].message, /anchor/);
  assert.match(
    (await server.graphql(add, { input: { ...input, body: 'x'.repeat(20_001) } }, ada)).errors![0].message,
    /at most 20000 characters, got 20001/,
  );
  const { data: list } = await server.graphql(
    'query($id: ID!) { annotations(experimentId: $id) { id comments { body author { name } } } experiment(id: $id) { annotationsCount } }',
    { id: experimentId },
  );
  assert.deepEqual(list, {
    annotations: [{ id, comments: [{ body: 'yes', author: { name: null } }] }],
    experiment: { annotationsCount: 1 },
  });
  assert.equal(
    (await server.graphql('mutation($id: ID!) { deleteExperiment(id: $id) }', { id: experimentId })).data.deleteExperiment,
    true,
  );
});

test('deep, wide and large operations, batches and other sites are refused', async () => {
  const nested = (depth: number): string => (depth === 0 ? 'id' : `runs { ${nested(depth - 1)} }`);
  assert.ok((await server.graphql(`{ experiments { ${nested(30)} } }`)).errors);
  const wide = await server.graphql(`{ experiments { ${Array.from({ length: 700 }, (_, n) => `a${n}: id`).join(' ')} } }`);
  assert.match(wide.errors![0].message, /fields of the operation: at most 600, got 70/);
  const doubling = Array.from({ length: 25 }, (_, n) => `fragment f${n} on Experiment { ...f${n + 1} ...f${n + 1} }`).join(' ');
  assert.match(
    (await server.graphql(`{ experiments { ...f0 } } ${doubling} fragment f25 on Experiment { id title }`)).errors![0].message,
    /fields of the operation/,
  );
  assert.match(
    (await server.graphql(`{ ${Array.from({ length: 40 }, (_, n) => `a${n}: me { id }`).join(' ')} }`)).errors![0].message,
    /root fields/,
  );
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  assert.equal((await post(JSON.stringify([{ query: '{ me { id } }' }]))).status, 400);
  assert.equal((await post(JSON.stringify({ query: `# ${'x'.repeat(600_000)}\n{ me { id } }` }))).status, 413);
  assert.equal((await post('{"query":"{ me { id } }"}', { origin: 'http://evil.example' })).status, 403);
  assert.equal((await post('query=x', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415);
  assert.equal((await post('{')).status, 400);
  assert.ok(
    (await server.graphql('{ __schema { types { name fields { name type { ofType { ofType { ofType { name } } } } } } } }')).data.__schema,
    'introspection is open',
  );
  const policy = (await fetch(server.url)).headers.get('content-security-policy')!;
  assert.match(policy, /script-src 'self' 'nonce-[^']+';/);
});

test('what nests, repeats or computes too much is refused before it runs, and the usual introspection passes', async () => {
  const message = async (query: string) => (await server.graphql(query)).errors?.[0].message;
  const some = (n: number, field: string) => Array.from({ length: n }, (_, i) => `a${i}: ${field}`).join(' ');
  assert.match((await message(`{ ${some(5, 'estimate(spec: {}) { runs }')} }`))!, /fields that compute: at most 4, got 5/);
  assert.match((await message(`{ ...f } fragment f on Query { ${some(5, 'validateSpec(spec: {}) { ok }')} }`))!, /fields that compute/);
  assert.match((await message(`{ __schema { ${some(300, 'types { fields { name } }')} } }`))!, /fields of the operation: at most 600/);
  assert.equal(await message(getIntrospectionQuery()), undefined);
  assert.match((await message(`{ validateSpec(spec: ${'['.repeat(2_900)}${']'.repeat(2_900)}) { ok } }`))!, /nested too deep to be read/);
  const body = (depth: number) =>
    `{"query":"query($s: JSON!) { validateSpec(spec: $s) { ok } }","variables":{"s":{"a":"[\\"[","b":${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
  const post = (text: string) =>
    fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
  assert.match(await (await post(body(498))).text(), /body: lists and objects nest at most 500 deep/);
  assert.equal((await post(body(497))).status, 200);
  const subscription = await post('{"query":"subscription { experimentsChanged { id } }"}');
  assert.equal(subscription.status, 400);
  assert.match(await subscription.text(), /subscriptions come by WebSocket/);
});

test('values that nothing can have are told, not taken for a failure of the server', async () => {
  const { errors } = await server.graphql(
    'query($id: ID!, $text: String!) { run(id: $id) { id } experiment(id: $id) { id } experiments(filter: $text) { id } }',
    { id: 'a\0', text: '\0' },
  );
  for (const { message, extensions } of errors!) {
    assert.match(message, /^a value cannot be looked up or stored: /);
    assert.equal(extensions.code, 'BAD_USER_INPUT');
  }
  for (const first of [-1, 0, 201])
    assert.match(
      (await server.graphql('query($first: Int!) { experiments(first: $first) { id } }', { first })).errors![0].message,
      new RegExp(`^first: an integer from 1 to 200, got ${first}$`),
    );
  const watched = server.browser().subscribe('subscription($id: ID!) { experimentChanged(id: $id) { id } }', { id: '\0' });
  await assert.rejects(
    watched.next(),
    ({ message }: Error) => /^a value cannot be looked up or stored: /.test(message) && !/select/i.test(message),
  );
});

test('two hundred deep networks are estimated while others are answered', async () => {
  const spec = { network: { kind: 'mlpChain', depth: 1000, width: 10 }, dataset: 'spirals' };
  const grid = [{ path: 'optimizer.learningRate', values: Array.from({ length: 200 }, (_, i) => 0.01 + i / 1e4) }];
  const order: string[] = [];
  const estimate = server
    .graphql('query($spec: JSON!, $grid: JSON) { estimate(spec: $spec, grid: $grid) { runs } }', { spec, grid })
    .then(({ data }) => order.push(`${data.estimate.runs} runs`));
  const others = Promise.all(Array.from({ length: 3 }, () => fetch(`${server.url}/health`))).then(() => order.push('health'));
  await Promise.all([estimate, others]);
  assert.deepEqual(order, ['health', '200 runs']);
});
