/** @file A Nyström layer: similarities to landmarks, made independent by the landmarks' own; then a linear readout. */
import type { Network, Parameter } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

/** From an eigenvalue of 1e-6 of the largest, 17 steps of (3/2)² to reach 1, and some to settle. */
const rootSteps = 26;

/** Values of [k, …] that the χ² kernel takes at once for each row: with all of 784 inputs and 512 landmarks a chunk of rows would take gigabytes. */
const chiSquaredValues = 4_096;

type Similarity = 'gaussian' | 'linear' | 'chiSquared';
/** Kernels whose features stand side by side. */
const together: Readonly<Record<string, readonly Similarity[]>> = {
  gaussian: ['gaussian'],
  linear: ['linear'],
  chiSquared: ['chiSquared'],
  both: ['gaussian', 'linear'],
  all: ['gaussian', 'linear', 'chiSquared'],
};

interface NystromOptions {
  readonly landmarks: number;
  readonly similarity: string;
  readonly bandwidth: number;
  readonly floor: number;
}

export const nystrom: Network = {
  card: {
    name: 'nystrom',
    title: 'Nyström layer',
    formula: '\\varphi(x) = (K_{ZZ} + \\epsilon\\,\\bar\\lambda)^{-1/2}\\, k(Z, x),\\quad f = F \\varphi(x) + b',
    about:
      'Landmarks Z are examples of the training set and stay as they are. Inner products of the features approximate the kernel, so a linear readout learns as a kernel machine does. The activation function has no part in it.',
    source: 'Williams and Seeger 2000; χ²: Vedaldi and Zisserman 2012',
  },
  fields: {
    landmarks: { type: 'integer', title: 'Landmarks', symbol: 'k', unit: 'examples', min: 1, max: 512, default: 64 },
    similarity: {
      type: 'choice',
      title: 'Kernel',
      choices: Object.keys(together),
      default: 'gaussian',
      about:
        'exp(-‖x - z‖²/(2 σ² D)), x·z/D, or the mean of 2 x z/(|x| + |z|) over the inputs, for histograms; both puts the features of the first two side by side, all those of three.',
    },
    bandwidth: { type: 'number', title: 'Bandwidth', symbol: '\\sigma', min: 0.01, max: 100, default: 1, log: true },
    floor: {
      type: 'number',
      title: 'Floor of the eigenvalues',
      symbol: '\\epsilon',
      min: 1e-6,
      max: 1,
      default: 1e-3,
      log: true,
      about: 'Added to every eigenvalue, in units of their mean. Below 1e-4 the root is not to be trusted in float32.',
    },
  },
  plan(options, data) {
    const { landmarks, similarity, bandwidth, floor } = options as unknown as NystromOptions;
    const similarities = together[similarity]!;
    const features = landmarks * similarities.length;
    const readout = { fanIn: features, fanOut: data.outputs, layer: 1 };
    const parameters: Parameter[] = [
      {
        name: 'landmarks.weight',
        role: 'weight',
        shape: [data.inputs, landmarks],
        fanIn: data.inputs,
        fanOut: landmarks,
        layer: 0,
        frozen: true,
        examples: true,
      },
      { name: 'readout.weight', role: 'weight', shape: [features, data.outputs], ...readout },
      { name: 'readout.bias', role: 'bias', shape: [data.outputs], ...readout },
    ];
    return {
      parameters,
      layers: [
        { name: 'landmarks', kind: 'input', scaleInvariant: false },
        { name: 'readout', kind: 'readout', scaleInvariant: false },
      ],
      forward(g, { x, parameter }) {
        const z = parameter('landmarks.weight'); // [D, k]
        const products = g.matMul(x, z); // [B, k]
        const parts = similarities.map((kind) => {
          const own = similarityOf(g, kind, g.matMul(z, z, { transposeA: true }), g.transpose(z), z, bandwidth);
          return g.matMul(similarityOf(g, kind, products, x, z, bandwidth), inverseRoot(g, own, floor));
        });
        const mapped = g.concat(parts, 1);
        const outputs = g.add(g.matMul(mapped, parameter('readout.weight')), parameter('readout.bias'));
        return {
          outputs,
          taps: [
            { preActivation: products, activation: mapped },
            { preActivation: outputs, activation: outputs },
          ],
        };
      },
    };
  },
};

/** k(x, z) for rows of x [n, D] and columns of z [D, k], given their inner products. */
function similarityOf(g: Builder, kind: Similarity, products: Node, x: Node, z: Node, bandwidth: number): Node {
  const size = z.shape[0]!;
  if (kind === 'linear') return g.mul(products, 1 / size);
  if (kind === 'chiSquared') return chiSquared(g, x, z);
  const squares = g.add(g.sum(g.square(x), [1], true), g.sum(g.square(z), [0], true));
  return g.exp(g.mul(g.sub(g.mul(products, 2), squares), 1 / (2 * bandwidth ** 2 * size)));
}

/** The mean of 2 x z/(|x| + |z|) over the inputs, 0 where both are; with signs it is still a kernel, the product of two. [n, D], [D, k] → [n, k]. */
function chiSquared(g: Builder, x: Node, z: Node): Node {
  const [rows, [size, landmarks]] = [x.shape[0]!, z.shape as [number, number]];
  const atOnce = Math.max(1, Math.floor(chiSquaredValues / landmarks));
  const parts = Array.from({ length: Math.ceil(size / atOnce) }, (_, part) => {
    const [from, to] = [part * atOnce, Math.min(size, (part + 1) * atOnce)];
    const a = g.reshape(g.slice(x, 1, from, to), [rows, to - from, 1]);
    const b = g.reshape(g.slice(z, 0, from, to), [1, to - from, landmarks]);
    const magnitudes = g.maximum(g.add(g.abs(a), g.abs(b)), 1e-30); // 0/0 otherwise
    return g.sum(g.div(g.mul(a, b), magnitudes), [1]);
  });
  return g.mul(
    parts.reduce((sum, part) => g.add(sum, part)),
    2 / size,
  );
}

/** (K + ε·mean eigenvalue)^{-1/2} of a symmetric matrix ≥ 0, by Newton's and Schulz' coupled iteration: products alone, so it has every derivative. */
function inverseRoot(g: Builder, matrix: Node, floor: number): Node {
  const size = matrix.shape[0]!;
  const one = g.constant(
    Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
    [size, size],
  );
  const trace = g.sum(g.mul(matrix, one));
  const scale = g.mul(trace, 1 + floor); // the trace of K + ε·mean: no eigenvalue is larger
  let root = g.div(g.add(matrix, g.mul(one, g.mul(trace, floor / size))), scale);
  let inverse: Node = one;
  for (let step = 0; step < rootSteps; step++) {
    const towards = g.sub(g.mul(one, 1.5), g.mul(g.matMul(inverse, root), 0.5));
    root = g.matMul(root, towards);
    inverse = g.matMul(towards, inverse);
  }
  return g.div(inverse, g.sqrt(scale));
}
