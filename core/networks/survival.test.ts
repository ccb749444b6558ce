/** @file Stochastic depth: steps by loops over the blocks that were drawn, the logits' gradient, pruned blocks, and what a price does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, defaults } from '../catalog.ts';
import { decayedInvariant } from '../diagnoses/decay.ts';
import { signals } from '../diagnoses/signal.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf } from '../graph/node.ts';
import { curvatureObjective } from '../programs/curvature.ts';
import { dataShape, forwardPass, initialWeights, planRun, stackInputs } from '../programs/plan.ts';
import { randomValues } from '../programs/random.ts';
import { assertClose, dataOf, openSteps, smallSpec, type Steps } from '../programs/steps.fixture.ts';
import { trainingProgram } from '../programs/training.ts';
import { predictions } from '../predictions/index.ts';
import { rng } from '../rng.ts';
import type { Spec } from '../spec.ts';

type Weights = ReadonlyMap<string, Float64Array>;

const sgd = (learningRate: number) => ({ kind: 'sgd', learningRate });
const glyphs = { kind: 'glyphs', size: 12, train: 24, heldOut: 12 };
const drawnSpec = (network: object = {}, changes: Record<string, unknown> = {}) =>
  smallSpec({
    network: { kind: 'resnet', depth: 4, width: 4, stochasticDepth: true, survival: 0.6, ...network },
    init: 'lecun',
    ...changes,
  });
const logistic = (logit: number) => 1 / (1 + Math.exp(-logit));
const logits = (weights: Weights) => [...weights].filter(([name]) => name.endsWith('.logit')).map(([, [value]]) => value!);

/** The numbers of a step, one for each block. */
function uniforms({ plan, data }: Steps, step: number): number[] {
  const { random } = trainingProgram(plan, data.train.n);
  assert.deepEqual(
    random.map(({ law, input }) => [law, ...input.shape]),
    [['uniform', logits(initialWeights(planRun(plan.spec, plan.data, { groupLimit: 0 }))).length]],
  );
  return [...Object.values(randomValues(random, plan.spec.seed, step, 1))[0]!];
}

/** Mean cross-entropy of a tanh network of res-3 or res-1 blocks, block k times gates[k]; weights are read by name. */
function lossByLoops({ plan: { spec }, data: { train } }: Steps, weights: Weights, batch: Int32Array, gates: readonly number[]): number {
  const times = (x: readonly number[], name: string): number[] => {
    const kernel = weights.get(`${name}.weight`)!;
    const out = kernel.length / x.length;
    return Array.from({ length: out }, (_, j) => x.reduce((sum, value, i) => sum + value * kernel[i * out + j]!, 0));
  };
  const [three, beta] = [spec.network.branch === 'res3', spec.network.beta as number];
  const losses = Array.from(batch, (row) => {
    let h = times([...train.inputs.subarray(row * train.inputSize, (row + 1) * train.inputSize)], 'input');
    gates.forEach((gate, k) => {
      const inner = (three ? times(h, `block${k + 1}.w`) : h).map(Math.tanh);
      const branch = times(inner, `block${k + 1}.v`).map((value) => (weights.get(`block${k + 1}.gate`)?.[0] ?? 1) * value);
      h = h.map((value, i) => value + gates.length ** -beta * gate * branch[i]!);
    });
    const outputs = times(h, 'readout');
    return Math.log(outputs.reduce((sum, value) => sum + Math.exp(value), 0)) - outputs[train.labels![row]!]!;
  });
  return losses.reduce((sum, value) => sum + value, 0) / losses.length;
}

for (const network of [{}, { branch: 'res1', survival: 0.3, price: 0.2 }, { depth: 6, beta: 0, gate: true }])
  test(`${JSON.stringify(network)}: the recorded loss is that of loops over the drawn blocks, SGD follows its gradient and the logits go straight through`, () => {
    const price = 'price' in network ? network.price! : 0;
    const steps = openSteps(drawnSpec(network, { optimizer: sgd(0.5) }));
    const taken = new Set<number>();
    for (let t = 0; t < 6; t++) {
      if ('gate' in network && t === 0) for (let k = 1; k <= 6; k++) steps.set(`block${k}.gate`, Float64Array.of(Math.cos(k)));
      const { weights, next, metrics, batch } = steps.step();
      const drawn = uniforms(steps, t);
      const probabilities = logits(weights).map(logistic);
      const gates = probabilities.map((probability, k) => Number(drawn[k]! < probability));
      gates.forEach((gate) => taken.add(gate));
      assertClose(metrics.loss!, [lossByLoops(steps, weights, batch, gates)], 1e-13, 'loss');
      gates.forEach((gate, k) => {
        const [above, below] = [1e-5, -1e-5].map((by) => lossByLoops(steps, weights, batch, gates.with(k, gate + by)));
        const slope = ((above! - below!) / 2e-5 + price) * probabilities[k]! * (1 - probabilities[k]!);
        assertClose([(logits(weights)[k]! - logits(next)[k]!) / 0.5], [slope], 1e-9, `logit of block ${k + 1}`);
        const name = `block${k + 1}.v.weight`;
        const moved = (by: number) =>
          new Map(weights).set(
            name,
            weights.get(name)!.map((value, i) => (i === 5 ? value + by : value)),
          );
        const [more, less] = [1e-5, -1e-5].map((by) => lossByLoops(steps, moved(by), batch, gates));
        assertClose([(weights.get(name)![5]! - next.get(name)![5]!) / 0.5], [(more! - less!) / 2e-5], 1e-8, name);
        const gradients = metrics.gradNorm!.filter((_, l) => steps.plan.network.layers[l]!.name.startsWith(`block${k + 1}.`));
        assert.ok(gradients.every((norm) => norm > 0 === (gate === 1)));
      });
    }
    assert.equal(taken.size, 2);
  });

/** Outputs on the first rows, outside of training. */
function outputsOf(spec: Spec, weights: Weights, rows = 5): Float64Array {
  const { train } = dataOf(spec);
  const plan = planRun(spec, dataShape(train), { groupLimit: 0 });
  const g = createBuilder('float64');
  const inputs = stackInputs(g, plan).map(({ input }) => input);
  const { outputs } = forwardPass(g, plan, inputs, g.input('x', [rows, train.inputSize]), rows);
  const x = Float64Array.from(train.inputs.subarray(0, rows * train.inputSize));
  return evaluate([outputs], { x, ...Object.fromEntries(weights) })[0] as Float64Array;
}
/** Initial weights by name, every one moved. */
function movedWeights(spec: Spec): Map<string, Float64Array> {
  const random = rng(3, 'test');
  const weights = initialWeights(planRun(spec, dataShape(dataOf(spec).train), { groupLimit: 0 }));
  return new Map([...weights].map(([name, values]) => [name, values.map((value) => value + 0.2 * random.normal())]));
}

test('a block counts by its draw in training and by its probability elsewhere, as if its last kernel and shift were made smaller', () => {
  const own = { stages: 2, blocks: 2, channels: 3, normalization: 'none', scalars: true };
  for (const [network, dataset] of [
    [{ kind: 'resnet', depth: 3, width: 4, normalization: 'batchNorm' }, undefined],
    [{ kind: 'convolutionalResnet', ...own }, glyphs],
    [{ kind: 'convolutionalResnet', ...own, scalars: false, normalization: 'layerNorm' }, glyphs],
  ] as const) {
    const spec = (more: object) => smallSpec({ network: { ...network, ...more }, ...(dataset ? { dataset } : {}) });
    const drawn = spec({ stochasticDepth: true, survival: 0.4 });
    const weights = movedWeights(drawn);
    const blocks = [...weights.keys()].flatMap((name) => (name.endsWith('.logit') ? [name.slice(0, -'.logit'.length)] : []));
    weights.set(`${blocks[1]!}.logit`, Float64Array.of(-3)); // π = 0.047
    const probabilities = blocks.map((block, k) => (k === 1 ? 0 : logistic(weights.get(`${block}.logit`)![0]!)));
    const times = (factors: readonly number[]): Weights =>
      new Map(
        [...weights].map(([name, values]) => {
          const factor = factors[blocks.findIndex((block) => name.startsWith(`${block}.v.`))] ?? 1;
          return [name, values.map((value, i) => (name.endsWith('.shifts') && i === 0 ? value : factor * value))];
        }),
      );
    assertClose(outputsOf(drawn, weights), outputsOf(spec({}), times(probabilities)), 1e-13, network.kind);
    const [steps, plain] = [openSteps(drawn), openSteps(spec({}))];
    for (const [name, values] of weights) steps.set(name, values);
    const gates = uniforms(steps, 0).map((number, k) => Number(number < probabilities[k]!));
    const thinned = times(gates);
    for (const { name } of plain.plan.network.parameters) plain.set(name, thinned.get(name)!);
    assertClose(steps.step().metrics.loss!, plain.step().metrics.loss!, 1e-13, network.kind);
  }
});

test('a pruned block: the network without it, no gradient, and its logit never moves again, whatever optimizer remembers or adds noise', () => {
  const network = { kind: 'resnet', beta: 0, width: 4 };
  const weights = movedWeights(drawnSpec({ ...network, depth: 3 }));
  weights.set('block2.logit', Float64Array.of(-2.95));
  const short = new Map(
    [...weights].flatMap(([name, values]) => (name.startsWith('block2.') ? [] : [[name.replace('block3', 'block2'), values]])),
  );
  const [with3, with2] = [3, 2].map((depth) => outputsOf(drawnSpec({ ...network, depth }), depth === 3 ? weights : short));
  assert.deepEqual(with3, with2);
  for (const optimizer of Object.keys(catalog.optimizer).filter((name) => name !== 'gaussNewton')) {
    const steps = openSteps(
      drawnSpec({ survival: 0.9, price: 1 }, { optimizer: { ...defaults('optimizer', optimizer), learningRate: 0.02 } }),
    );
    for (let t = 0; t < 4; t++) steps.step();
    const at = Float64Array.of(-2.945); // just below the line at -2.9444
    steps.set('block2.logit', at);
    for (let t = 0; t < 6; t++) {
      const { next, weights: before, metrics } = steps.step();
      assert.deepEqual([before.get('block2.logit'), next.get('block2.logit')], [at, at], optimizer);
      assert.notEqual(next.get('block1.logit')![0], before.get('block1.logit')![0], optimizer);
      const { layers } = steps.plan.network;
      metrics.gradNorm!.forEach((norm, l) => assert.ok(norm === 0 || !layers[l]!.name.startsWith('block2.'), layers[l]!.name));
    }
  }
});

test('logits lie in a stack of their own, also beside other shifts that start at the same number', () => {
  const network = { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none', scalars: true, stochasticDepth: true };
  const { stacks } = openSteps(smallSpec({ network: { ...network, survival: 0.5 }, dataset: glyphs })).plan;
  const mixed = stacks.map(({ members }) => [...new Set(members.map(({ name }) => name.replace(/.*\./, '')))].join());
  assert.ok(mixed.includes('logit') && mixed.every((names) => names === 'logit' || !names.includes('logit')), String(mixed));
});

test('blocks are taken as often as their probabilities say, within four standard errors, and independently of each other', () => {
  const steps = openSteps(drawnSpec({ depth: 3, width: 2 }, { optimizer: sgd(0) }));
  const wanted = [0.1, 0.5, 0.95];
  wanted.forEach((probability, k) => steps.set(`block${k + 1}.logit`, Float64Array.of(Math.log(probability / (1 - probability)))));
  const count = 2000;
  const drawn = Array.from({ length: count }, () => {
    const { gradNorm } = steps.step().metrics;
    return [2, 4, 6].map((layer) => Number(gradNorm![layer]! > 0));
  });
  const share = (of: (draw: number[]) => number) => drawn.reduce((sum, draw) => sum + of(draw), 0) / count;
  const check = (found: number, probability: number) =>
    assert.ok(Math.abs(found - probability) < 4 * Math.sqrt((probability * (1 - probability)) / count), `${found}, not ${probability}`);
  wanted.forEach((probability, k) => {
    check(
      share((draw) => draw[k]!),
      probability,
    );
    const other = (k + 1) % 3;
    check(
      share((draw) => draw[k]! * draw[other]!),
      probability * wanted[other]!,
    );
  });
});

test('the price is descended on behind clipping, as coupled decay, and in no recorded number; curvature is that of the data’s loss', () => {
  const clipping = { kind: 'globalNorm', threshold: 1e-12 };
  const [free, paid] = [0, 0.3].map((price) => openSteps(drawnSpec({ price }, { optimizer: sgd(1), clipping })).step());
  assert.deepEqual(free!.metrics, paid!.metrics);
  for (const [name, values] of paid!.next)
    assertClose(
      values.map((value, i) => value - free!.next.get(name)![i]!),
      values.map(() => (name.endsWith('.logit') ? -0.3 * 0.6 * 0.4 : 0)),
      1e-11,
      name,
    );
  const objectives = [0, 0.3].map((price) => {
    const steps = openSteps(drawnSpec({ price }));
    const { loss } = curvatureObjective(steps.plan, 6);
    const { inputs, inputSize, labels } = steps.data.train;
    const feeds = { curvatureInputs: inputs.subarray(0, 6 * inputSize), curvatureTargets: labels!.subarray(0, 6) };
    return evaluate([loss], { ...feeds, ...Object.fromEntries(initialWeights(steps.plan)) })[0]![0];
  });
  assert.equal(objectives[0], objectives[1]);
  const { plan } = openSteps(drawnSpec({ price: 0.3 }));
  const g = createBuilder('float64');
  const inputs = stackInputs(g, plan);
  const { penalty } = forwardPass(
    g,
    plan,
    inputs.map(({ input }) => input),
    g.input('x', [1, plan.data.inputs]),
    1,
  );
  const of = Object.fromEntries(inputs.map(({ name, input }) => [name, new Float64Array(sizeOf(input.shape))]));
  of['block1.logit']!.set([1, -2.95, 2, -1]);
  assertClose([evaluate([penalty!], of)[0]![0]!], [0.3 * (logistic(1) + logistic(2) + logistic(-1))], 1e-14); // of open blocks
});

test('with a price, blocks that the data do not need fall below 0.05 and stay there, and the loss stays low; without one none does', () => {
  const walk = (price: number) => {
    const steps = openSteps(
      drawnSpec(
        { depth: 6, width: 6, survival: 0.8, price },
        { optimizer: { kind: 'momentum', learningRate: 0.2 }, batchSize: 20, steps: 600 },
      ),
    );
    const pruned = new Map<number, number>();
    const losses: number[] = [];
    let last: number[] = [];
    for (let t = 0; t < 600; t++) {
      const { next, metrics } = steps.step();
      losses.push(metrics.loss![0]!);
      last = logits(next);
      last.forEach((logit, k) => {
        if (logistic(logit) < 0.05) pruned.set(k, pruned.get(k) ?? logit);
      });
    }
    for (const [k, logit] of pruned) assert.equal(last[k], logit);
    return {
      pruned: pruned.size,
      most: Math.max(...last.map(logistic)),
      loss: losses.slice(-100).reduce((sum, value) => sum + value, 0) / 100,
    };
  };
  const [free, paid] = [walk(0), walk(0.05)];
  assert.ok(free.pruned === 0 && free.loss < 0.15, JSON.stringify(free));
  assert.ok(paid.pruned >= 2 && paid.pruned < 6 && paid.most > 0.5 && paid.loss < 0.4, JSON.stringify(paid));
});

test('what assumes that all blocks take part says so: Gauss-Newton, predictions, diagnoses; fields out of range are refused', () => {
  const refused =
    (network: object, changes = {}) =>
    () =>
      drawnSpec(network, changes);
  assert.throws(refused({ survival: 0 }), /network\.survival: must be a number from 0\.051 to 0\.9999, got 0(?![.\d])/);
  assert.throws(refused({ survival: 1 }), /network\.survival: must be a number from 0\.051 to 0\.9999, got 1/);
  assert.throws(refused({ price: -0.1 }), /network\.price: must be a number from 0 to 100, got -0\.1/);
  const loss = 'meanSquaredError';
  assert.throws(
    refused({ survival: 0.9 }, { optimizer: 'gaussNewton', loss, batchSize: 4 }),
    /network: gaussNewton solves for the whole network, so what it leaves out must be 0, got 0\.1$/,
  );
  const planned = (network: object, changes = {}) => openSteps(drawnSpec(network, { activation: 'relu', ...changes })).plan;
  const words = 'needs blocks that take part in every step, the network has stochastic depth';
  const decayed = { regularizer: { kind: 'l2', coefficient: 0.01 } };
  for (const stochasticDepth of [true, false]) {
    const expected = stochasticDepth ? [words] : [];
    assert.deepEqual(predictions.residualDisplacement.unmet(planned({ stochasticDepth })), expected);
    for (const name of ['equilibriumNorm', 'equilibriumAngle'] as const)
      assert.deepEqual(predictions[name].unmet(planned({ stochasticDepth, normalization: 'batchNorm' }, decayed)), expected);
    const spec = drawnSpec({ stochasticDepth, depth: 3 });
    const row = (values: number[]) => ({ steps: [0], values, width: values.length });
    const series = (name: string) => row(name === 'gradNorm' ? [1, 1, 0, 1, 1, 1, 1, 1] : new Array<number>(8).fill(1));
    assert.equal(decayedInvariant(drawnSpec({ stochasticDepth, normalization: 'batchNorm' }, decayed)).length > 0, !stochasticDepth);
    assert.equal(signals({ spec, series } as unknown as Parameters<typeof signals>[0]).length, stochasticDepth ? 0 : 1);
  }
});
