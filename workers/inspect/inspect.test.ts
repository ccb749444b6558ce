/** @file Every layer type and every question against loops on hyper-dual numbers in float64, which know nothing of graphs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { dual, lossesOf, meanOf, outputsOf, type Dual, type Grid } from './oracle.fixture.ts';

interface Case {
  readonly title: string;
  readonly layers: readonly (Record<string, unknown> & { type: string })[];
  readonly input: readonly number[];
  readonly shapes: readonly (readonly number[])[];
  readonly loss: string;
  readonly classes?: number;
}

const image = [3, 5, 4, 2];
const cases: Case[] = [
  {
    title: 'dense layers with and without bias, activations inside and apart',
    layers: [
      { type: 'dense', in: 3, out: 4, activation: 'tanh' },
      { type: 'dense', in: 4, out: 3, bias: false },
      { type: 'activation', fn: 'sine' },
      { type: 'dense', in: 3, out: 2 },
    ],
    input: [5, 3],
    shapes: [[3, 4], [4], [4, 3], [3, 2], [2]],
    loss: 'half_mse',
  },
  {
    title: 'a residual branch by save and add, twice by the same key',
    layers: [
      { type: 'save', key: 'x' },
      { type: 'dense', out: 3, activation: 'sigmoid' },
      { type: 'add', key: 'x' },
      { type: 'save', key: 'x' },
      { type: 'dense', out: 3, bias: false, activation: 'softplus' },
      { type: 'add', key: 'x' },
      { type: 'dense', out: 1 },
    ],
    input: [4, 3],
    shapes: [[3, 3], [3], [3, 3], [3, 1], [1]],
    loss: 'binary_ce_logits',
  },
  {
    title: 'batch and layer normalization of rows, with and without scale and shift',
    layers: [
      { type: 'dense', out: 4, bias: false },
      { type: 'batchnorm', eps: 1e-3, affine: true },
      { type: 'activation', fn: 'tanh' },
      { type: 'dense', out: 4, bias: false },
      { type: 'layernorm', affine: true },
      { type: 'activation', fn: 'tanh' },
      { type: 'dense', out: 3 },
      { type: 'batchnorm' },
      { type: 'layernorm', eps: 0.1 },
    ],
    input: [6, 2],
    shapes: [[2, 4], [4], [4], [4, 4], [4], [4], [4, 3], [3]],
    loss: 'softmax_ce',
    classes: 3,
  },
  {
    title: 'convolution with same padding and stride 2, maximum pooling, flatten',
    layers: [
      { type: 'conv2d', kernel: [3, 3], out: 2, stride: 1, padding: 'same', activation: 'tanh' },
      { type: 'maxpool2' },
      { type: 'conv2d', kernel: [2, 2, 2, 2], stride: 2, padding: 'same', bias: false },
      { type: 'flatten' },
      { type: 'dense', out: 2 },
    ],
    input: image,
    shapes: [[3, 3, 2, 2], [2], [2, 2, 2, 2], [2, 2], [2]],
    loss: 'mse_mean_all',
  },
  {
    title: 'convolution without padding, strides that differ, normalization of images, mean pooling',
    layers: [
      { type: 'conv2d', kernel: [2, 1], out: 3, stride: [1, 2], padding: 'valid' },
      { type: 'batchnorm', affine: true },
      { type: 'activation', fn: 'relu' },
      { type: 'avgpool2' },
      { type: 'layernorm' },
      { type: 'global_avg_pool' },
      { type: 'dense', out: 3 },
    ],
    input: image,
    shapes: [[2, 1, 2, 3], [3], [3], [3], [3, 3], [3]],
    loss: 'softmax_ce',
    classes: 3,
  },
];

const close = (got: readonly number[], want: readonly number[], what: string, tolerance = 1e-9) => {
  assert.equal(got.length, want.length, what);
  const scale = Math.max(...want.map(Math.abs), 1e-3);
  got.forEach((value, i) => assert.ok(Math.abs(value - want[i]!) <= tolerance * scale, `${what}[${i}] is ${value} instead of ${want[i]}`));
};
const random = rng(11, 'test');
const normals = (n: number) => Array.from({ length: n }, () => 0.7 * random.normal());
const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** The network's numbers, and the oracle as a function of the flat vector. */
function instance({ layers, input, shapes, loss, classes }: Case) {
  const data = shapes.map((shape) => normals(size(shape)));
  const flat = data.flat();
  const x: Grid = { shape: input, values: normals(size(input)).map((value) => dual(value)) };
  const forward = (theta: readonly Dual[]): Grid => {
    let from = 0;
    return outputsOf(
      layers,
      x,
      shapes.map((shape) => ({ shape, values: theta.slice(from, (from += size(shape))) })),
    );
  };
  const plain = forward(flat.map((value) => dual(value)));
  const targets = classes
    ? Array.from({ length: input[0]! }, () => random.integer(classes))
    : plain.values.map(() => (loss === 'binary_ce_logits' ? random.integer(2) : random.normal()));
  const each = (theta: readonly Dual[]) => lossesOf(loss, forward(theta), targets);
  /** ∂²/∂θᵢ∂θⱼ and ∂/∂θᵢ of every example's loss and of every output. */
  const at = (i: number, j: number) => flat.map((value, k) => dual(value, k === i ? 1 : 0, k === j ? 1 : 0));
  const question = {
    layers,
    params: Object.fromEntries(shapes.map((shape, i) => [`p${i}`, { shape, data: data[i] }])),
    param_order: shapes.map((_, i) => `p${i}`),
    inputs: { shape: input, data: x.values.map(([value]) => value) },
    targets: classes ? targets : { shape: plain.shape, data: targets },
    loss,
  };
  return { flat, plain, each, at, forward, question };
}

for (const of of cases)
  for (const runtime of ['onnx', 'reference'])
    test(`${of.title}, on ${runtime}: all questions to 1e-9`, async () => {
      const { flat, plain, each, at, forward, question } = instance(of);
      const n = flat.length;
      const vector = normals(n);
      const answer: any = await answerQuestion(
        {
          ...question,
          runtime,
          ask: {
            loss: true,
            outputs: true,
            gradients: true,
            hvp: { vectors: [vector] },
            hessian: { top: 3, bottom: 3, trace: true, frobenius: true, spectrum: true, matrix: true },
            blocks: { top: 1, bottom: 1, trace: true, matrix: true },
            gram: true,
            perSample: { gradients: true },
            ggn: { matrix: true },
          },
        },
        filesGiven(new Map()),
      );
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = meanOf(each(at(i, j)))[3];
      const gradient = flat.map((_, i) => meanOf(each(at(i, i)))[1]);
      const { values } = symmetricEigen(matrix, n);
      const row = (i: number) => [...matrix.subarray(i * n, (i + 1) * n)];

      close([answer.loss], [meanOf(each(at(-1, -1)))[0]], 'loss');
      close(
        answer.outputs.data,
        plain.values.map(([value]) => value),
        'outputs',
      );
      close(
        question.param_order.flatMap((name) => answer.gradients[name].data),
        gradient,
        'gradients',
      );
      close(
        answer.hvp[0],
        flat.map((_, i) => row(i).reduce((sum, x, j) => sum + x * vector[j]!, 0)),
        'hvp',
      );
      close(answer.hessian.matrix.data, [...matrix], 'Hessian');
      close(answer.hessian.spectrum, [...values], 'spectrum');
      close(answer.hessian.top, [...values.slice(0, 3)], 'top');
      close(answer.hessian.bottom, [...values.slice(-3)].reverse(), 'bottom');
      close(
        [answer.hessian.trace, answer.hessian.frobenius],
        [flat.reduce((sum, _, i) => sum + matrix[i * n + i]!, 0), Math.hypot(...matrix)],
        'sums',
      );
      assert.ok(answer.hessian.topResiduals.every((residual: number) => residual >= 0 && residual < 1e-9 * Math.hypot(...matrix)));

      let from = 0;
      const places = new Map(of.shapes.map((shape, i) => [`p${i}`, Array.from({ length: size(shape) }, () => from++)]));
      let [covered, traces] = [0, 0];
      for (const block of Object.values<any>(answer.blocks)) {
        const indices = block.members.flatMap((name: string) => places.get(name)!) as number[];
        close(
          block.matrix.data,
          indices.flatMap((i) => indices.map((j) => matrix[i * n + j]!)),
          'block',
        );
        const part = symmetricEigen(Float64Array.from(block.matrix.data as number[]), indices.length).values;
        close([block.top[0], block.bottom[0]], [part[0]!, part.at(-1)!], 'ends of a block');
        covered += indices.length;
        traces += block.trace;
      }
      assert.equal(covered, n);
      close([traces], [answer.hessian.trace], 'the trace is the sum over blocks');

      const jacobian = flat.map((_, i) => forward(at(i, i)).values.map(([, slope]) => slope)); // [P][B·K]
      const rows = plain.values.length;
      const gram = Array.from({ length: rows * rows }, (_, k) =>
        jacobian.reduce((sum, column) => sum + column[Math.floor(k / rows)]! * column[k % rows]!, 0),
      );
      close(answer.gram.matrix.data, gram, 'Gram matrix');
      const single = flat.map((_, i) => each(at(i, i)).map(([, slope]) => slope)); // [P][B]
      const batch = of.input[0]!;
      close(
        answer.perSample.gradients.data,
        Array.from({ length: batch }, (_, b) => single.map((slopes) => slopes[b]!)).flat(),
        'gradients of examples',
      );
      const spread =
        single.reduce((sum, slopes, i) => sum + slopes.reduce((all, slope) => all + (slope - gradient[i]!) ** 2, 0), 0) / (batch - 1);
      const square = gradient.reduce((sum, x) => sum + x * x, 0);
      close([answer.perSample.covarianceTrace], [spread], 'covariance trace');
      close([answer.perSample.noiseScale, answer.perSample.signalToNoise], [spread / square, square / spread], 'noise', 1e-7);

      // Gauss-Newton: Jᵀ S J with S the second derivative of the loss by its outputs, from hyper-dual outputs
      const outputs = plain.values.map(([value]) => value);
      const bend = (k: number, l: number) =>
        meanOf(
          lossesOf(
            of.loss,
            { shape: plain.shape, values: outputs.map((value, i) => dual(value, i === k ? 1 : 0, i === l ? 1 : 0)) },
            targetsOf(question),
          ),
        )[3];
      const s = Array.from({ length: rows }, (_, k) => Array.from({ length: rows }, (_, l) => bend(k, l)));
      const ggn = Array.from({ length: n * n }, (_, at) => {
        const [left, right] = [jacobian[Math.floor(at / n)]!, jacobian[at % n]!];
        return left.reduce((sum, a, k) => sum + a * right.reduce((inner, b, l) => inner + s[k]![l]! * b, 0), 0);
      });
      close(answer.ggn.matrix.data, ggn, 'Gauss-Newton matrix');
    });

const targetsOf = ({ targets }: { targets: unknown }): number[] =>
  Array.isArray(targets) ? targets : (targets as { data: number[] }).data;
