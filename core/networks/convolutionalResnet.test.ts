/** @file The convolutional residual network with gates and with the scalars of Fixup: by loops over pixels, at step 0, in the plan. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { Options, Parameter } from '../define.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf } from '../graph/node.ts';
import { inits } from '../inits/index.ts';
import { dataShape, forwardPass, initialWeights, planRun, stackInputs } from '../programs/plan.ts';
import { dataOf, norm, openSteps } from '../programs/steps.fixture.ts';
import { regularizers } from '../regularizers/index.ts';
import { rng } from '../rng.ts';
import { convolutionalResnet } from './convolutionalResnet.ts';
import { familySpec } from './families.fixture.ts';

type Image = readonly (readonly (readonly number[])[])[]; // [H][W][C]
type Kernels = ReadonlyMap<string, Float64Array>;

const sizes = { inputs: 7 * 5 * 2, outputs: 3, imageShape: [7, 5, 2] as const };
const all = (options: object) => ({ ...defaults('network', 'convolutionalResnet'), normalization: 'none', ...options }) as Options;
const glyphs = { kind: 'glyphs', size: 12, train: 24, heldOut: 12 };
const fixupSpec = (changes: Record<string, unknown> = {}, network: object = {}) =>
  familySpec(all({ stages: 2, blocks: 2, channels: 3, scalars: true, ...network }), glyphs, {
    init: 'fixup',
    activation: 'relu',
    ...changes,
  });

const pixelwise = (x: Image, of: (value: number) => number): Image => x.map((row) => row.map((pixel) => pixel.map(of)));
const sum = (x: Image, y: Image): Image => x.map((row, r) => row.map((pixel, c) => pixel.map((value, n) => value + y[r]![c]![n]!)));

/** Every window whose middle is an input pixel of the stride's grid; zeros around, the larger half of them below and to the right. */
function convolved(x: Image, kernel: Float64Array, side: number, stride: number): Image {
  const [height, width, channels] = [x.length, x[0]!.length, x[0]![0]!.length];
  const filters = kernel.length / (side * side * channels);
  const along = (size: number) => {
    const count = Math.ceil(size / stride);
    const zeros = Math.max(0, (count - 1) * stride + side - size);
    return Array.from({ length: count }, (_, i) => i * stride - Math.floor(zeros / 2));
  };
  return along(height).map((top) =>
    along(width).map((left) =>
      Array.from({ length: filters }, (_, filter) => {
        let total = 0;
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++)
            for (let n = 0; n < channels; n++)
              total += (x[top + i]?.[left + j]?.[n] ?? 0) * kernel[((i * side + j) * channels + n) * filters + filter]!;
        return total;
      }),
    ),
  );
}

/** What leaves every layer and the outputs, of one image. */
function byLoops(image: Image, weights: Kernels, { stages, blocks, beta }: { stages: number; blocks: number; beta: number }) {
  const kernel = (name: string) => weights.get(`${name}.weight`)!;
  const number = (name: string, at: number, otherwise: number) => weights.get(name)?.[at] ?? otherwise;
  const plus = (x: Image, name: string, at: number) => pixelwise(x, (value) => value + number(`${name}.shifts`, at, 0));
  const phi = (x: Image) => pixelwise(x, Math.tanh);
  let h = plus(convolved(plus(image, 'input', 0), kernel('input'), 3, 1), 'input', 1);
  const taps = [h];
  for (let stage = 1; stage <= stages; stage++)
    for (let block = 1; block <= blocks; block++) {
      const name = `stage${stage}.block${block}`;
      const stride = stage > 1 && block === 1 ? 2 : 1;
      const read = plus(phi(h), `${name}.w`, 0); // by the branch and by what stands in place of the identity
      const middle = phi(plus(convolved(read, kernel(`${name}.w`), 3, stride), `${name}.w`, 1));
      taps.push(middle);
      if (stride === 2) taps.push((h = convolved(read, kernel(`${name}.shortcut`), 1, 2)));
      const output = convolved(plus(middle, `${name}.v`, 0), kernel(`${name}.v`), 3, 1);
      const branch = plus(
        pixelwise(output, (value) => number(`${name}.gate`, 0, 1) * value),
        `${name}.v`,
        1,
      );
      h = sum(
        h,
        pixelwise(branch, (value) => value / (stages * blocks) ** beta),
      );
      taps.push(h);
    }
  const pixels = phi(h).flat();
  const means = pixels[0]!.map((_, n) => pixels.reduce((total, pixel) => total + pixel[n]!, 0) / pixels.length);
  const outputs = Array.from(weights.get('readout.bias')!, (bias, k) =>
    means.reduce((total, mean, n) => total + (mean + number('readout.shifts', 0, 0)) * kernel('readout')[n * sizes.outputs + k]!, bias),
  );
  return [...taps.map((tap) => tap.flat(2)), outputs];
}

for (const options of [
  { stages: 2, blocks: 2, channels: 3, beta: 0, scalars: true },
  { stages: 1, blocks: 1, channels: 2, beta: 0.5, scalars: true },
  { stages: 3, blocks: 1, channels: 2, beta: 0.5, gate: true },
  { stages: 2, blocks: 1, channels: 3, beta: 0.25 },
])
  test(`${JSON.stringify(options)}: every layer and the outputs are those of loops over pixels, to 1e-12`, () => {
    const plan = convolutionalResnet.plan(all(options), sizes);
    const random = rng(5, 'test');
    const weights = new Map(
      plan.parameters.map(({ name, shape, fanIn }) => [
        name,
        Float64Array.from({ length: sizeOf(shape) }, () => random.normal() / Math.sqrt(fanIn)),
      ]),
    );
    const [batch, [height, width, channels]] = [2, sizes.imageShape];
    const x = Float64Array.from({ length: batch * sizes.inputs }, () => random.normal());
    const g = createBuilder('float64');
    const nodes = new Map(plan.parameters.map(({ name, shape }) => [name, g.input(name, shape)]));
    const { taps, outputs } = plan.forward(g, {
      x: g.input('x', [batch, sizes.inputs]),
      parameter: (name) => nodes.get(name)!,
      activation: (node) => g.tanh(node),
      dropout: (node) => node,
      statisticsRows: batch,
    });
    const found = evaluate([...taps.slice(0, -1).map(({ activation }) => activation), outputs], { x, ...Object.fromEntries(weights) });
    for (let b = 0; b < batch; b++) {
      const image = Array.from({ length: height }, (_, r) =>
        Array.from({ length: width }, (_, c) =>
          Array.from({ length: channels }, (_, n) => x[((b * height + r) * width + c) * channels + n]!),
        ),
      );
      byLoops(image, weights, options).forEach((wanted, layer) => {
        const got = found[layer]!.slice(b * wanted.length, (b + 1) * wanted.length);
        const error = norm(wanted.map((value, i) => value - got[i]!)) / norm(wanted);
        assert.ok(error < 1e-12, `${plan.layers[layer]!.name}: ${error}`);
      });
    }
  });

test('the scalars of a block are five, whatever its width and stride; three more stand around input and readout', () => {
  const options = { stages: 3, blocks: 2, channels: 4 };
  const [plain, scalars, gates] = [{}, { scalars: true }, { gate: true }].map(
    (own) => convolutionalResnet.plan(all({ ...options, ...own }), sizes).parameters,
  );
  const added = (parameters: readonly Parameter[]) => parameters.filter(({ name }) => !plain!.some((other) => other.name === name));
  const facts = (parameters: readonly Parameter[]) =>
    parameters.map(({ name, role, shape, initial }) => [name, role, ...shape, initial] as const);
  assert.deepEqual(
    scalars!.filter(({ name }) => plain!.some((other) => other.name === name)),
    plain,
  );
  const ofBlock = (block: string) => facts(added(scalars!).filter(({ name }) => name.startsWith(`${block}.`)));
  for (const block of ['stage1.block1', 'stage2.block1', 'stage3.block2'])
    assert.deepEqual(ofBlock(block), [
      [`${block}.w.shifts`, 'shift', 2, 0],
      [`${block}.v.shifts`, 'shift', 2, 0],
      [`${block}.gate`, 'scale', 1, 1],
    ]);
  assert.deepEqual(facts(added(scalars!).filter(({ name }) => !name.startsWith('stage'))), [
    ['input.shifts', 'shift', 2, 0],
    ['readout.shifts', 'shift', 1, 0],
  ]);
  assert.equal(
    added(scalars!).reduce((total, { shape }) => total + sizeOf(shape), 0),
    6 * 5 + 3,
  );
  assert.deepEqual(
    facts(added(gates!)),
    [1, 2, 3].flatMap((stage) => [1, 2].map((block) => [`stage${stage}.block${block}.gate`, 'scale', 1, 0])),
  );
  const { layers } = convolutionalResnet.plan(all({ ...options, scalars: true }), sizes);
  for (const { name, layer } of added(scalars!))
    assert.equal(layers[layer]!.name, name.replace(/\.shifts$/, '').replace(/\.gate$/, '.v'), name);
});

test('scalars of a kind lie in one stack, start at 0 and 1 whatever the init, and no regularizer touches them', () => {
  const shifts = [
    ['shift', 1, 1, 0], // of the readout
    ['shift', 9, 2, 0], // of eight kernels in branches and of the input's
  ];
  for (const [own, factor] of [
    [{ scalars: true }, 1],
    [{ scalars: false, gate: true }, 0],
  ] as const) {
    const spec = fixupSpec({}, own);
    const shape = dataShape(dataOf(spec).train);
    for (const init of Object.keys(inits)) {
      const plan = planRun({ ...spec, init: defaults('init', init) }, shape);
      const weights = initialWeights(plan);
      const found = plan.stacks
        .filter(({ role }) => role === 'scale' || role === 'shift')
        .map(({ name, role, shape: of }) => [role, ...of, ...new Set(weights.get(name))])
        .sort();
      assert.deepEqual(found, [['scale', 4, 1, factor], ...(factor === 1 ? shifts : [])], init);
    }
    for (const kind of Object.keys(regularizers))
      for (const { role, treatment } of planRun({ ...spec, regularizer: defaults('regularizer', kind) }, shape).stacks)
        if (role !== 'weight' && role !== 'bias') assert.equal(treatment, null, kind);
  }
});

test('with Fixup the first outputs are the bias of the readout and a block leaves what it keeps; the inner kernels are He by L^(-1/2)', () => {
  const spec = fixupSpec();
  const { train } = dataOf(spec);
  const plan = planRun(spec, dataShape(train), { groupLimit: 0 });
  const weights = initialWeights(plan);
  const he = initialWeights(planRun({ ...spec, init: { ...spec.init, kind: 'he' } }, dataShape(train), { groupLimit: 0 }));
  for (const { name, role, members } of plan.stacks) {
    const { kind } = plan.network.layers[members[0]!.layer]!;
    if (role !== 'weight') continue;
    const factor = /\.v\./.test(name) || kind === 'readout' ? 0 : kind === 'branch' ? 4 ** -0.5 : 1;
    assert.ok(norm(weights.get(name)!.map((value, i) => value - factor * he.get(name)![i]!)) <= 1e-15 * norm(he.get(name)!), name);
  }
  const bias = weights.get('readout.bias')!;
  assert.ok(bias.every((value) => value === 0));
  bias.forEach((_, k) => (bias[k] = Math.sin(1 + k)));
  const g = createBuilder('float64');
  const inputs = stackInputs(g, plan).map(({ input }) => input);
  const { outputs, taps } = forwardPass(g, plan, inputs, g.input('x', [4, train.inputSize]), 4);
  const x = Float64Array.from(train.inputs.subarray(0, 4 * train.inputSize));
  const found = evaluate([outputs, ...taps.map(({ activation }) => activation)], { x, ...Object.fromEntries(weights) });
  for (let b = 0; b < 4; b++) assert.deepEqual(Float64Array.from(found[0]!.slice(b * bias.length, (b + 1) * bias.length)), bias);
  const { layers } = plan.network;
  const behind = (name: string) => found[1 + layers.findIndex((layer) => layer.name === name)]!;
  assert.ok(norm(behind('input')) > 1);
  for (const [block, kept] of [
    ['stage1.block1', 'input'],
    ['stage1.block2', 'input'],
    ['stage2.block1', 'stage2.block1.shortcut'],
    ['stage2.block2', 'stage2.block1.shortcut'],
  ])
    assert.deepEqual(behind(`${block}.v`), behind(kept!), block);
});

test('from there every scalar is learned', () => {
  const steps = openSteps(fixupSpec({ optimizer: { kind: 'momentum', learningRate: 0.1 }, steps: 6 }));
  let last = steps.step();
  for (let t = 1; t < 6; t++) last = steps.step();
  for (const { name, role, initial } of steps.plan.network.parameters)
    if (role === 'scale' || role === 'shift')
      for (const value of last.next.get(name)!) assert.ok(Number.isFinite(value) && value !== initial, `${name} is ${value}`);
});

test('scalars are refused beside a gate and beside a normalization, which is the default here', () => {
  const spec = (network: object) => () => familySpec({ kind: 'convolutionalResnet', scalars: true, ...network }, glyphs);
  const normalized = /network: convolutionalResnet: scalars stand in for a normalization; choose network.normalization none/;
  assert.throws(spec({}), normalized);
  assert.throws(spec({ normalization: 'layerNorm' }), normalized);
  assert.throws(
    spec({ normalization: 'none', gate: true }),
    /network: convolutionalResnet: scalars bring a factor of every branch; leave out the gate/,
  );
});
