/** @file The spec's door: what gets in is complete and canonical, what does not is named by its path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalog, defaults, entry, specKinds } from './catalog.ts';
import { estimateCost } from './estimate.ts';
import { presets } from './presets.ts';
import { canonical, groupOf, hashSpec, parseSpec, SpecError, specJsonSchema } from './spec.ts';
import { differingFields, expandGrid, gridSpecs } from './sweep.ts';

const faults = (value: unknown) => {
  try {
    parseSpec(value);
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.issues;
  }
  return [];
};

test('the empty object is a whole spec, and a parsed spec parses to itself', () => {
  const spec = parseSpec({});
  assert.deepEqual(parseSpec(JSON.parse(canonical(spec))), spec);
  assert.equal(canonical(parseSpec(JSON.parse(canonical(spec)))), canonical(spec));
});

test('any valid choice of entries and numbers survives parse, canonical and parse again (fast-check)', () => {
  const kind = <K extends (typeof specKinds)[number]>(of: K) =>
    fc.constantFrom(...Object.keys(catalog[of])).map((name) => defaults(of, name));
  const draft = fc.record({
    network: kind('network'),
    activation: kind('activation'),
    init: kind('init').filter((options) => !entry('init', options.kind).fault),
    parameterization: kind('parameterization').filter(({ kind: name }) => name !== 'meanField'), // refused for more than one hidden layer
    optimizer: kind('optimizer').filter((options) => !entry('optimizer', options.kind).faults), // what suits not every spec
    schedule: kind('schedule'),
    clipping: kind('clipping'),
    dataset: kind('dataset'),
    steps: fc.integer({ min: 1, max: 100_000 }),
    batchSize: fc.integer({ min: 2, max: 512 }),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
  });
  fc.assert(
    fc.property(draft, (drawn) => {
      const { targets, sizes } = catalog.dataset[drawn.dataset.kind]!;
      const samples = sizes(drawn.dataset)?.train ?? Infinity;
      const value = {
        ...drawn,
        loss: targets === 'labels' ? 'softmaxCrossEntropy' : 'meanSquaredError',
        batchSize: Math.min(drawn.batchSize, samples),
      };
      // convolutions want images; nothing else of what is drawn here contradicts
      fc.pre(faults(value).every(({ path }) => path !== 'network'));
      const spec = parseSpec(value);
      const shuffled = Object.fromEntries(Object.entries(JSON.parse(canonical(spec)) as object).reverse());
      assert.equal(canonical(parseSpec(shuffled)), canonical(spec));
      assert.ok(estimateCost(spec).seconds > 0);
    }),
    { numRuns: 200 },
  );
});

/** Every place in a JSON value, as the keys that lead there. */
const places = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[key], ...places(inner).map((rest) => [key, ...rest])])
    : [];
const replaced = (value: unknown, [head, ...rest]: string[], by: unknown): unknown =>
  head === undefined ? by : { ...(value as object), [head]: replaced((value as Record<string, unknown>)[head], rest, by) };

test('any JSON, alone or anywhere in a spec, is refused with a path that is there or becomes a spec that parses to itself (fast-check)', () => {
  const whole = JSON.parse(canonical(parseSpec({}))) as unknown;
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, 0.5, 1e-300, 1e300, NaN, Infinity, 2 ** 53));
  const json = fc.oneof(fc.jsonValue(), number, fc.constant({}), fc.constantFrom('', 'none', 'resnet', 'auto', 'all', true, null));
  const anything = fc.oneof(
    json,
    fc.tuple(fc.constantFrom(...places(whole)), json).map(([place, value]) => replaced(whole, place, value)),
    fc
      .tuple(fc.constantFrom([], ...places(whole).filter((place) => place.length === 1)), fc.string(), json)
      .map(([place, key, value]) => replaced(whole, [...place, key], value)),
  );
  fc.assert(
    fc.property(anything, (value) => {
      try {
        const spec = parseSpec(value);
        assert.deepEqual(parseSpec(JSON.parse(canonical(spec))), spec);
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
        assert.ok(error.issues.length > 0);
        for (const { path, message } of error.issues) {
          assert.ok(message.length > 5, JSON.stringify(error.issues));
          const [head] = path.split('.');
          assert.ok(head === '' || Object.hasOwn(whole as object, head!), `${path} is no field of a spec: ${message}`);
        }
      }
    }),
    { numRuns: 1500 },
  );
});

test('what is wrong is named by its path, with what was found and what is allowed', () => {
  const cases: [unknown, string, RegExp][] = [
    [{ network: { kind: 'mlpChain', depth: 1e9 } }, 'network.depth', /integer from 1 to 1000, got 1000000000/],
    [{ network: { kind: 'mlpChain', depth: 2.5 } }, 'network.depth', /integer from 1 to 1000, got 2.5/],
    [{ network: { kind: 'transformer' } }, 'network.kind', /one of .*mlpChain, .*resnet, .*got "transformer"/],
    [{ network: { kind: 'mlpChain', heads: 8 } }, 'network', /unknown field heads; allowed: kind, depth/],
    [{ optimizer: { kind: 'sgd', learningRate: -1 } }, 'optimizer.learningRate', /from 0 to 1e\+30, got -1/],
    [{ optimizer: { kind: 'sgd', learningRate: NaN } }, 'optimizer.learningRate', /got NaN/],
    [{ optimizer: { kind: 'sgd', learningRate: Infinity } }, 'optimizer.learningRate', /got Infinity/],
    [{ optimizer: { kind: 'sgd', learningRate: '0.1' } }, 'optimizer.learningRate', /got "0.1"/],
    [{ regularizer: 'weightRescaling' }, 'regularizer', /nothing to act on here/],
    [{ batchSize: 5000 }, 'batchSize', /at most the 2000 training samples, got 5000/],
    [{ batchSize: 1, network: { kind: 'mlpChain', normalization: 'batchNorm' } }, 'batchSize', /at least 2 samples/],
    [{ network: { kind: 'mlpChain', depth: 1000, width: 4096 } }, 'network', /at most 50000000 parameters/],
    [{ runtime: { name: 'tensorflow', precision: 'float64' } }, 'runtime.precision', /float32 only/],
    [{ metrics: { step: ['sharpness'] } }, 'metrics.step', /all|list of/],
    [{ metrics: { host: ['loss'] } }, 'metrics.host', /all|list of .*spectralNorm/],
    [{ metrics: { host: ['gramTrace'] } }, 'metrics.host', /gramTrace is measured by gram, and metrics\.gram is never/],
    [JSON.parse('{"__proto__": {"steps": 1}}'), '', /__proto__/],
    [{ steps: 10, question: 'x'.repeat(10_000_000) }, '', /at most 65536 bytes/],
    [null, '', /object/],
    [[], '', /object/],
    ['spec', '', /object/],
    [7, '', /object/],
  ];
  for (const [value, path, message] of cases) {
    const issues = faults(value);
    assert.ok(
      issues.some((issue) => issue.path === path && message.test(issue.message)),
      `${JSON.stringify(value)?.slice(0, 80)}: ${JSON.stringify(issues)}`,
    );
  }
});

test('a learning rate of 0 and a huge one are findings to be made, not faults', () => {
  for (const learningRate of [0, 1e30]) assert.deepEqual(faults({ optimizer: { kind: 'sgd', learningRate } }), []);
});

test('the hash is SHA-256 of the canonical text and does not depend on the order of keys', async () => {
  const a = parseSpec({ steps: 10, seed: 3 });
  const b = parseSpec({ seed: 3, steps: 10 });
  assert.equal(await hashSpec(a), await hashSpec(b));
  assert.match(await hashSpec(a), /^[0-9a-f]{64}$/);
  assert.notEqual(await hashSpec(a), await hashSpec(parseSpec({ steps: 10, seed: 4 })));
});

test('the JSON Schema names every choice', () => {
  const text = JSON.stringify(specJsonSchema());
  for (const kind of specKinds) for (const name of Object.keys(catalog[kind])) assert.ok(text.includes(`"${name}"`), name);
});

test('a grid makes every combination, the last axis fastest; runs that differ in the seed share a group', () => {
  const specs = expandGrid({ steps: 10 }, [
    { path: 'network.depth', values: [2, 3] },
    { path: 'seed', values: [1, 2] },
  ]);
  assert.deepEqual(
    specs.map(({ network, seed }) => [network.depth, seed]),
    [
      [2, 1],
      [2, 2],
      [3, 1],
      [3, 2],
    ],
  );
  assert.equal(groupOf(specs[0]!), groupOf(specs[1]!));
  assert.notEqual(groupOf(specs[0]!), groupOf(specs[2]!));
  assert.deepEqual(
    differingFields(specs)
      .map(({ path }) => path)
      .sort(),
    ['network.depth', 'seed'],
  );
});

test('grids that make no sense are refused', () => {
  const refused = (grid: unknown, message: RegExp) => assert.throws(() => expandGrid({}, grid as never), message);
  refused([{ path: 'seed', values: [] }], /at least one value/);
  refused([{ path: 'seed', values: [1, 1] }], /1 of 2 runs are equal/);
  refused(
    [
      { path: 'seed', values: [1] },
      { path: 'seed', values: [2] },
    ],
    /stands twice/,
  );
  refused([{ path: 'network..depth', values: [1] }], /must name a field/);
  refused([{ path: 'nonsense', values: [1] }], /unknown field nonsense/);
  refused([{ path: 'seed', values: Array.from({ length: 2000 }, (_, i) => i) }], /at most 1000 runs, got 2000/);
  refused('seed', /must be a list/);
});

test('every preset is a valid experiment', () => {
  for (const { spec, grid, title } of presets) assert.ok(expandGrid(spec, grid).length > 1, title);
});

test('two decays at once are refused, one is not', () => {
  const spec = (decay: number) => ({ optimizer: { kind: 'adamW', decay }, regularizer: { kind: 'l2', coefficient: 0.1 } });
  assert.throws(() => parseSpec(spec(0.01)), /regularizer: adamW decays the weights itself \(optimizer\.decay 0\.01\)/);
  assert.ok(parseSpec(spec(0)));
  const rescaled = (decay: number) => ({
    network: { normalization: 'batchNorm' },
    optimizer: { kind: 'novoGrad', decay },
    regularizer: 'weightRescaling',
  });
  assert.throws(() => parseSpec(rescaled(0.01)), /regularizer: novoGrad decays the weights itself/);
  assert.ok(parseSpec(rescaled(0)));
  assert.ok(parseSpec({ optimizer: 'adamW', regularizer: { kind: 'dropout', rate: 0.2 } }));
});

test('a spec that is nested beyond writing is refused like any other', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 20_000; i++) deep = [deep];
  assert.throws(() => parseSpec({ network: deep }), { name: 'SpecError', message: /nested too deep/ });
});

test('a sweep is read spec by spec, a fault is told when it is reached, and told once', () => {
  const specs = gridSpecs({}, [{ path: 'batchSize', values: [8, 16, 1e9] }]);
  assert.deepEqual([specs.next().value!.batchSize, specs.next().value!.batchSize], [8, 16]);
  assert.throws(
    () => specs.next(),
    ({ issues }: SpecError) => issues.length === 1 && issues[0]!.path === 'batchSize',
  );
  const long = [{ path: 'a.'.repeat(50_000), values: [1] }];
  assert.throws(
    () => expandGrid({}, long),
    ({ message }: SpecError) => message.length < 300,
  );
  // a network that is too large is, whatever the seed
  const seeds = [{ path: 'seed', values: [1, 2] }];
  assert.throws(() => expandGrid({ network: { kind: 'mlpChain', depth: 1000, width: 4096 } }, seeds), /at most 50000000 parameters/);
});
