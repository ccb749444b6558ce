/** @file With its diagonal gone, the Hessian of a deep network has no trace to speak of: as much negative curvature as positive. */
import { lanczos } from '../../curvature/lanczos.ts';
import { dot } from '../../curvature/vectors.ts';
import { rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { denseHessian, drawNetwork, type DrawnNetwork } from '../simulations/hessianBlocks.ts';

const width = 5;
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly depths: readonly number[] }>> = {
  tiny: { draws: 20, depths: [4, 12] },
  quick: { draws: 40, depths: [4, 8, 12, 16, 20] },
  full: { draws: 400, depths: [4, 8, 12, 16, 20, 32] },
};
const kinds = [
  { title: 'linear', relu: false },
  { title: 'ReLU', relu: true },
] as const;
/** From this depth on the spectrum is claimed to be nearly symmetric. */
const deep = 12;

/** -λ_min/λ_max of the loss at one input; NaN where the network is dead there. */
export function balance(network: DrawnNetwork, seed: number): number {
  const { matrix, size } = denseHessian(network);
  if (matrix.every((value) => value === 0)) return NaN;
  const random = rng(seed, 'probe');
  const apply = (v: Float64Array) => Float64Array.from({ length: size }, (_, i) => dot(matrix.subarray(i * size, (i + 1) * size), v));
  const { values } = lanczos(
    apply,
    Float64Array.from({ length: size }, () => random.normal()),
    60,
  );
  return -values.at(-1)!.value / values[0]!.value;
}

/** @param ratio of a network's curvatures */
export function* balances(budget: Budget, seed: number, ratio = balance): Generator<Progress, Finding> {
  const { draws, depths } = sizes[budget];
  const found = kinds.map((): number[][] => []);
  const middle = (values: readonly number[]) => bootstrap([values], ([drawn]) => median(drawn!), seed);
  const curves = () =>
    kinds.map(({ title }, at) => ({
      figure: 'Balance of the spectrum over depth',
      title,
      x: 'depth',
      y: 'median of -λ_min/λ_max',
      law: '\\to 1',
      points: found[at]!.map((values, i) => ({ x: depths[i]!, y: median(values), interval: middle(values).interval, predicted: 1 })),
    }));
  for (const [at, { relu }] of kinds.entries())
    for (const depth of depths) {
      const random = rng(seed, 'init', depth, Number(relu));
      const values: number[] = [];
      for (let i = 0; i < draws; i++) {
        const value = ratio(drawNetwork(random, width, depth, relu), seed);
        if (!Number.isNaN(value)) values.push(value);
        yield (at + (found[at]!.length + i / draws) / depths.length) / kinds.length;
      }
      found[at]!.push(values);
      yield drawnSoFar((at + found[at]!.length / depths.length) / kinds.length, curves());
    }
  return {
    estimates: kinds.flatMap(({ title }, at) =>
      depths
        .map((depth, i) => ({ depth, values: found[at]![i]! }))
        .filter(({ depth }) => depth >= deep)
        .map(({ depth, values }) => ({
          name: `-λ_min/λ_max at depth ${depth}, ${title}`,
          ...middle(values),
          predicted: 1,
          window: [0.6, 1 / 0.6] as const,
        })),
    ),
    curves: curves(),
  };
}

export const hollowHessian: SimulatedClaim = {
  name: 'hollowHessian',
  title: 'The Hessian of a deep network is hollow: a saddle',
  statement:
    'Since the blocks on the diagonal vanish first, the trace does too: the smallest eigenvalue of the Hessian becomes as large as the largest, with the other sign. Where a deep network starts there is as much negative curvature as positive.',
  formula: '\\operatorname{tr} H = \\|\\nabla f\\|^2 \\ll \\|H\\|_F,\\qquad -\\lambda_{\\min}/\\lambda_{\\max} \\to 1',
  provenance: 'derived',
  assumptions: ['width 5, Gaussian weights of variance 1/d (linear) or 2/d (ReLU)', 'one output, squared error at one input, target 1'],
  recipe:
    'Depths 4 to 20 (full: 32 too), 40 networks each (full: 400), the ends of the exact Hessian by Lanczos. From depth 12 on the median of -λ_min/λ_max must be above 0.6, and below its inverse (our choice).',
  discrepancy:
    'The Hessian as a whole need not be small: in linear networks of width 5 the median of λ_max stays near 10 from depth 4 to 20. Hollow it is all the same.',
  example: {
    network: { kind: 'mlpChain', depth: 12, width: 5, bias: false },
    activation: 'linear',
    init: 'lecun',
    dataset: { kind: 'teacherStudent', inputs: 5 },
    loss: 'meanSquaredError',
    curvature: { topK: 3 },
  },
  measure: (budget, seed) => balances(budget, seed),
};
