/** @file Where the gradient of a deep network is small at the start: in no layer more than in another, in all of them together as the depth grows. */
import { rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { reluLayerLaw } from '../../theory/depthLaws.ts';
import { bootstrap, drawnSoFar, slope, type Budget, type Curve, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { drawNetwork, relativeGradients } from '../simulations/hessianBlocks.ts';

const width = 16;
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly depths: readonly number[] }>> = {
  tiny: { draws: 200, depths: [8, 16, 32] },
  quick: { draws: 600, depths: [8, 16, 32, 64] },
  full: { draws: 4_000, depths: [8, 16, 32, 64, 128] },
};

/** @param of a network's kernels: gradient over weight, the readout's last */
export function* overLayers(budget: Budget, seed: number, of = relativeGradients): Generator<Progress, Finding> {
  const { draws, depths } = sizes[budget];
  const cells: number[][][] = []; // per depth and draw: the logs of the hidden layers
  const rate = reluLayerLaw(width).mean / 2;
  const layers = (depth: number) => Array.from({ length: depth }, (_, l) => l + 1);
  const level = (depth: number) => median(cells[depths.indexOf(depth)]!.map((row) => median(row)));
  const curves = () =>
    depths.slice(0, cells.length).map((depth, at): Curve => ({
      figure: 'Gradient over weight at the start, layer by layer',
      title: `depth ${depth}`,
      x: 'layer',
      y: 'median ‖∂f/∂W‖/‖W‖',
      log: { y: true },
      points: layers(depth)
        .filter((l) => depth <= 16 || l % (depth / 16) === 0)
        .map((x) => {
          const found = bootstrap([cells[at]!.map((row) => row[x - 1]!)], ([all]) => median(all!), seed);
          const expected = level(depths[0]!) + rate * (depth - depths[0]!);
          const [low, high] = found.interval;
          return { x, y: Math.exp(found.value), interval: [Math.exp(low), Math.exp(high)], predicted: Math.exp(expected) };
        }),
    }));
  for (const depth of depths) {
    const random = rng(seed, 'init', depth);
    const rows: number[][] = [];
    for (let i = 0; i < draws; i++) {
      const logs = of(drawNetwork(random, width, depth, true))
        .slice(0, depth)
        .map(Math.log);
      if (logs.every(Number.isFinite)) rows.push(logs);
      yield (cells.length + i / draws) / depths.length;
    }
    cells.push(rows);
    yield drawnSoFar(cells.length / depths.length, curves());
  }
  /** Networks are drawn again as a whole: their layers share a gradient. */
  const again = (rows: readonly (readonly number[])[], statistic: (rows: readonly (readonly number[])[]) => number) =>
    bootstrap([rows.map((_, i) => i)], ([drawn]) => statistic(drawn!.map((i) => rows[i]!)), seed);
  const deepest = depths.at(-1)!;
  const tilt = (rows: readonly (readonly number[])[]) =>
    slope(
      layers(deepest),
      layers(deepest).map((l) => median(rows.map((row) => row[l - 1]!))),
    );
  const across = again(cells.at(-1)!, tilt);
  return {
    estimates: [
      {
        name: 'slope of the median log against the depth, over half the law of a layer',
        ...bootstrap(
          cells.map((rows) => rows.map((row) => median(row))),
          (groups) => slope(depths, groups.map(median)) / rate,
          seed,
        ),
        predicted: 1,
        window: [0.8, 1.2],
      },
      {
        name: `slope against the layer within ${deepest} layers, over the same`,
        value: across.value / rate,
        interval: [across.interval[1] / rate, across.interval[0] / rate], // the rate is negative
        predicted: 0,
        window: [-0.2, 0.2],
      },
    ],
    curves: curves(),
  };
}

export const gradientsOverLayers: SimulatedClaim = {
  name: 'gradientsOverLayers',
  title: 'The gradient vanishes with the depth, not with the distance from the output',
  statement:
    'What a layer’s gradient loses on the way back it does not lose on the way forward: it is a product over all the other layers. So at the start the median gradient over weight is about the same in every layer of a narrow ReLU network, and falls in all of them alike as layers are added.',
  formula:
    '\\|\\partial f/\\partial W_k\\| = \\|\\delta^k\\|\\,\\|x^{k-1}\\|,\\qquad \\operatorname{med}\\log\\|\\partial f/\\partial W_k\\| \\approx c + \\tfrac L2\\,\\mathbb E\\log\\tfrac{\\|x^{\\ell+1}\\|^2}{\\|x^\\ell\\|^2}\\ \\text{for every}\\ k',
  provenance: 'derived',
  assumptions: ['ReLU, He, Gaussian weights, no biases, width 16', 'one output, at one input', 'networks that died are left out'],
  recipe:
    'Depths 8, 16, 32, 64 (full: 128 too), 600 networks each (full: 4,000). The slope of the median log against the depth must be within 20% of half the exact mean of a layer’s log ratio of squared norms, and the slope against the layer, in the deepest networks, within 20% of that from 0 (our choice).',
  example: {
    network: { kind: 'mlpChain', depth: 32, width: 16, bias: false },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    optimizer: { kind: 'sgd', learningRate: 0.01 },
    steps: 400,
  },
  measure: (budget, seed) => overLayers(budget, seed),
};
