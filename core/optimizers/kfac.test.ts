/** @file K-FAC against explicit inverses and loops over examples and places. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { families, familySpec } from '../networks/families.fixture.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { times, inverted } from './dense.fixture.ts';

type Matrix = number[][];
const options = { learningRate: 0.1, damping: 0.05, memory: 0.8, every: 2 };

test('K-FAC: five steps equal explicit inverses around the gradient, layer by layer, from loops over the examples', () => {
  const network = { kind: 'mlpChain', depth: 4, width: 4 };
  const steps = openSteps(smallSpec({ network, optimizer: { kind: 'kfac', ...options } }));
  assert.ok(
    steps.plan.stacks.some(({ members }) => members.length === 3),
    'three layers in one stack',
  );
  const { inputs, inputSize } = steps.data.train;
  const moments = new Map<string, { a: Matrix; s: Matrix }>();
  for (let t = 0; t < 5; t++) {
    const { weights, next, batch } = steps.step();
    const { gradients, activations } = slowChain(steps.plan.network, weights, steps.data.train, batch);
    const layers = steps.plan.network.layers.map(({ name }) => name);
    layers.forEach((name, l) => {
      if (t % 2 === 0) {
        const x = Array.from(batch, (row, i) =>
          l === 0 ? [...inputs.subarray(row * inputSize, (row + 1) * inputSize)] : activations[l - 1]![i]!,
        );
        // the gradient of one example with respect to a bias is its slope
        const slopes = Array.from(batch, (row) => [
          ...slowChain(steps.plan.network, weights, steps.data.train, Int32Array.of(row)).gradients.get(`${name}.bias`)!,
        ]);
        const [a, s] = [second(x), second(slopes)];
        const old = moments.get(name);
        moments.set(name, old ? { a: mixed(old.a, a), s: mixed(old.s, s) } : { a, s });
      }
      const { a, s } = moments.get(name)!;
      const right = inverted(damped(s));
      const kernel = weights.get(`${name}.weight`)!;
      const out = right.length;
      const slope = Array.from({ length: kernel.length / out }, (_, i) => [
        ...gradients.get(`${name}.weight`)!.slice(i * out, (i + 1) * out),
      ]);
      const step = times(times(inverted(damped(a)), slope), right).flat();
      assertClose(
        next.get(`${name}.weight`)!,
        kernel.map((w, i) => w - 0.1 * step[i]!),
        1e-11,
        `${name} at step ${t}`,
      );
      const bias = times([[...gradients.get(`${name}.bias`)!]], right)[0]!;
      assertClose(
        next.get(`${name}.bias`)!,
        weights.get(`${name}.bias`)!.map((b, j) => b - (0.1 * bias[j]!) / 1.05),
        1e-11,
        `bias of ${name} at step ${t}`,
      );
    });
  }
});

interface Seen {
  /** [T][read] and [T][given], δ of the example's own loss. */
  readonly patches: Matrix;
  readonly slopes: Matrix;
}

/** One example through two 3x3 convolutions with tanh, then the mean of each channel, a readout and cross-entropy: per layer what its kernel reads and its slopes. */
function slowConvolutions(
  weights: ReadonlyMap<string, Float64Array>,
  image: readonly number[],
  size: number,
  channels: number,
  label: number,
): Seen[] {
  const names = ['stage1.conv1', 'stage1.conv2'];
  const pixels = size * size;
  const under = (x: Matrix, at: number): (readonly number[] | null)[] =>
    [-1, 0, 1].flatMap((dy) =>
      [-1, 0, 1].map((dx) => {
        const [row, column] = [Math.floor(at / size) + dy, (at % size) + dx];
        return row >= 0 && column >= 0 && row < size && column < size ? x[row * size + column]! : null;
      }),
    );
  const layers: { patches: Matrix; out: Matrix }[] = [];
  let x: Matrix = image.map((value) => [value]);
  for (const name of names) {
    const [kernel, bias] = [weights.get(`${name}.weight`)!, weights.get(`${name}.bias`)!];
    const depth = x[0]!.length;
    const patches = x.map((_, at) => under(x, at).flatMap((pixel) => pixel ?? Array.from({ length: depth }, () => 0)));
    const out = patches.map((patch) =>
      Array.from(bias, (b, j) => Math.tanh(patch.reduce((sum, value, i) => sum + value * kernel[i * channels + j]!, b))),
    );
    layers.push({ patches, out });
    x = out;
  }
  const readout = weights.get('readout.weight')!;
  const bias = weights.get('readout.bias')!;
  const means = x[0]!.map((_, c) => x.reduce((sum, pixel) => sum + pixel[c]! / pixels, 0));
  const z = Array.from(bias, (b, k) => means.reduce((sum, value, i) => sum + value * readout[i * bias.length + k]!, b));
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
  const last = z.map((value, k) => Math.exp(value) / total - (k === label ? 1 : 0));
  const seen: Seen[] = [{ patches: [means], slopes: [last] }];
  let above = x.map((values) => values.map((_, c) => last.reduce((sum, d, k) => sum + (d * readout[c * bias.length + k]!) / pixels, 0)));
  for (let l = 1; l >= 0; l--) {
    const { patches, out } = layers[l]!;
    const slopes = out.map((values, at) => values.map((value, c) => (1 - value * value) * above[at]![c]!));
    seen.unshift({ patches, slopes });
    if (l === 0) break;
    const kernel = weights.get(`${names[l]}.weight`)!;
    above = Array.from({ length: pixels }, () => Array.from({ length: channels }, () => 0));
    slopes.forEach((delta, at) => {
      [-1, 0, 1].forEach((dy, i) =>
        [-1, 0, 1].forEach((dx, j) => {
          const [row, column] = [Math.floor(at / size) + dy, (at % size) + dx];
          if (row < 0 || column < 0 || row >= size || column >= size) return;
          for (let c = 0; c < channels; c++)
            delta.forEach((d, k) => (above[row * size + column]![c]! += d * kernel[((i * 3 + j) * channels + c) * channels + k]!));
        }),
      );
    });
  }
  return seen;
}

test('K-FAC of convolutions: factors summed over the places of every example in loops, with momentum, five steps', () => {
  const channels = 2;
  const spec = smallSpec({
    network: { kind: 'vgg', stages: 1, convolutions: 2, channels, pooling: 'none', head: 'average' },
    dataset: { kind: 'glyphs', size: 12, train: 24, heldOut: 12 },
    optimizer: { kind: 'kfac', ...options, momentum: 0.7 },
    batchSize: 6,
  });
  const steps = openSteps(spec);
  const { inputs, labels, inputSize } = steps.data.train;
  const size = Math.sqrt(inputSize);
  const moments = new Map<string, { a: Matrix; s: Matrix }>();
  const velocity = new Map<string, number[]>();
  for (let t = 0; t < 5; t++) {
    const { weights, next, batch } = steps.step();
    const examples = Array.from(batch, (row) =>
      slowConvolutions(weights, [...inputs.subarray(row * inputSize, (row + 1) * inputSize)], size, channels, labels![row]!),
    );
    ['stage1.conv1', 'stage1.conv2', 'readout'].forEach((name, l) => {
      const seen = examples.map((example) => example[l]!);
      const places = seen[0]!.slopes.length;
      const sums = (of: (one: Seen) => readonly (readonly [number[], number[]])[]) => {
        const pairs = seen.flatMap(of);
        return pairs[0]![0].map((_, i) => pairs[0]![1].map((__, j) => pairs.reduce((sum, [u, v]) => sum + u[i]! * v[j]!, 0) / seen.length));
      };
      if (t % 2 === 0) {
        const a = sums(({ patches }) => patches.map((patch) => [patch, patch] as const));
        const s = sums(({ slopes }) => slopes.map((slope) => [slope, slope] as const)).map((row) => row.map((value) => value / places));
        const old = moments.get(name);
        moments.set(name, old ? { a: mixed(old.a, a), s: mixed(old.s, s) } : { a, s });
      }
      const gradient = sums(({ patches, slopes }) => patches.map((patch, at) => [patch, slopes[at]!] as const));
      const { a, s } = moments.get(name)!;
      const right = inverted(damped(s));
      const ofBias = sums(({ slopes }) => slopes.map((slope) => [[1], slope] as const));
      for (const [parameter, solved] of [
        [`${name}.weight`, times(times(inverted(damped(a)), gradient), right).flat()],
        [`${name}.bias`, times(ofBias, right)[0]!.map((value) => value / (places + options.damping))],
      ] as const) {
        const before = velocity.get(parameter);
        const u = solved.map((value, i) => 0.7 * (before?.[i] ?? 0) + value);
        velocity.set(parameter, u);
        assertClose(
          next.get(parameter)!,
          weights.get(parameter)!.map((w, i) => w - options.learningRate * u[i]!),
          1e-10,
          `${parameter} at step ${t}`,
        );
      }
    });
  }
});

const second = (rows: Matrix): Matrix =>
  rows[0]!.map((_, i) => rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length));
const mixed = (old: Matrix, now: Matrix): Matrix => old.map((row, i) => row.map((value, j) => 0.8 * value + 0.2 * now[i]![j]!));
const damped = (matrix: Matrix): Matrix => matrix.map((row, i) => row.map((value, j) => value + (i === j ? 0.05 : 0)));

test('K-FAC: scales and shifts of a normalization move along their gradient; a huge damping makes gradient descent', () => {
  const network = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' };
  const [plain, solved] = [
    openSteps(smallSpec({ network, optimizer: { kind: 'sgd', learningRate: 0.1 } })).step().next,
    openSteps(smallSpec({ network, optimizer: { kind: 'kfac', ...options } })).step().next,
  ];
  for (const [name, values] of plain)
    if (/scale|shift/.test(name)) assertClose(solved.get(name)!, values, 1e-14, name);
    else assert.notDeepEqual(solved.get(name), values);
  const damping = 1e6;
  const { next, weights } = openSteps(
    smallSpec({
      network: { kind: 'mlpChain', depth: 2, width: 4, bias: false },
      optimizer: { kind: 'kfac', learningRate: 0.1 * damping ** 2, damping },
    }),
  ).step();
  const descent = openSteps(
    smallSpec({ network: { kind: 'mlpChain', depth: 2, width: 4, bias: false }, optimizer: { kind: 'sgd', learningRate: 0.1 } }),
  ).step().next;
  for (const [name, values] of next) {
    const change = (of: Float64Array) => of.map((value, i) => value - weights.get(name)![i]!);
    assertClose(change(values), change(descent.get(name)!), 1e-5, name);
  }
});

test('K-FAC in every network family: kernels and biases are solved, all else moves along its gradient', () => {
  for (const [title, network, dataset] of families) {
    const one = (optimizer: object) => openSteps(familySpec(network, dataset, { optimizer })).step();
    const [solved, plain] = [one({ kind: 'kfac', ...options }), one({ kind: 'sgd', learningRate: options.learningRate })];
    const { parameters, layers } = openSteps(familySpec(network, dataset)).plan.network;
    for (const { name, role, layer, frozen } of parameters) {
      const same = frozen || role === 'scale' || role === 'shift';
      const [a, b] = [solved.next.get(name)!, plain.next.get(name)!];
      assert.ok(a.every(Number.isFinite), `${title} ${name}`);
      if (same) assertClose(a, b, 1e-14, `${title} ${name} of ${layers[layer]!.name}`);
      else if (b.some((value, i) => Math.abs(value - plain.weights.get(name)![i]!) > 1e-6))
        // a gate of 0 lets nothing through
        assert.ok(norm(a.map((value, i) => value - b[i]!)) > 1e-9, `${title} ${name}`);
    }
  }
});

test('K-FAC: layers whose factors would take the host too long are refused', () => {
  assert.throws(
    () => smallSpec({ network: { kind: 'mlpChain', depth: 2, width: 1025 }, optimizer: 'kfac' }),
    /optimizer: kfac inverts matrices of the sizes of a layer, at most 1024; layer1\.weight is \[5, 1025\] and takes 1025/,
  );
  const images = { kind: 'glyphs', size: 12, train: 24, heldOut: 12 };
  assert.throws(
    () => smallSpec({ network: { kind: 'vgg', stages: 1, convolutions: 2, channels: 114 }, dataset: images, optimizer: 'kfac' }),
    /stage1\.conv2\.weight is \[3, 3, 114, 114\] and takes 1026/,
  );
});
