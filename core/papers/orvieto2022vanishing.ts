/** @file P1: curvature and gradients of deep random networks vanish in the median while their mean stays. */
import type { Paper } from '../define.ts';
import { rng } from '../rng.ts';
import { mean as average, median } from '../statistics.ts';
import { chainLaw, chainMedian, reluLayerLaw } from '../theory/depthLaws.ts';
import { bootstrap, slope, slopeOfMedians, type SimulatedClaim } from './claim.ts';
import { escapeSteps, type Stepper } from './simulations/chain.ts';
import { logNorms } from './simulations/wideLayers.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/orvieto2022vanishing.json' with { type: 'json' };

const depths = [10, 20, 40];

/** log of the size of a product of uniform weights of variance 1, and of what stands in the Hessian of a chain with target 1. */
function chains(count: number, depth: number, seed: number) {
  const random = rng(seed, 'init', depth);
  const rows = { product: [] as number[], diagonal: [] as number[], offDiagonal: [] as number[] };
  for (let i = 0; i < count; i++) {
    const w = Array.from({ length: depth }, () => Math.sqrt(3) * (2 * random.uniform() - 1));
    const log = w.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0);
    const f = w.reduce((product, value) => product * value, 1);
    rows.product.push(log);
    rows.diagonal.push(2 * (log - Math.log(Math.abs(w[0]!)))); // (f/w₁)²
    rows.offDiagonal.push(log - Math.log(Math.abs(w[0]! * w[1]!)) + Math.log(Math.abs(2 * f - 1))); // |2f - 1| |f/(w₁w₂)|
  }
  return rows;
}

const chainMedians: SimulatedClaim = {
  name: 'chainMedians',
  title: 'A product of random weights keeps its mean square and loses its median',
  statement:
    'For a chain of width 1 with weights of variance 1 the mean of f² is 1 at every depth, while the median of |f| falls exponentially.',
  formula: '\\operatorname{med} \\log|w_1 \\cdots w_L| \\approx L(\\log\\sqrt3 - 1) + \\tfrac13',
  provenance: 'derived',
  assumptions: ['independent uniform weights of variance 1', 'depth of at least 5'],
  recipe: '20,000 chains (full: 200,000) at depths 10, 20, 40; the slope of the median log must be within 0.01 of -0.4507.',
  example: {
    network: { kind: 'mlpChain', depth: 20, width: 16 },
    activation: 'linear',
    init: 'lecun',
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
  },
  *measure(budget, seed) {
    const groups: number[][] = [];
    for (const [i, depth] of depths.entries()) {
      groups.push(chains(budget === 'full' ? 200_000 : 20_000, depth, seed).product);
      yield (i + 1) / depths.length;
    }
    const { mean } = chainLaw.uniform;
    const found = slopeOfMedians(depths, groups, seed);
    return {
      estimates: [{ name: 'slope of the median log per layer', ...found, predicted: mean, window: [mean - 0.01, mean + 0.01] }],
      curves: [
        {
          title: 'Median of the log product',
          x: 'depth',
          y: 'log |f|',
          points: depths.map((x, i) => ({ x, y: median(groups[i]!), predicted: chainMedian(x) })),
        },
      ],
    };
  },
};

const hollowHessian: SimulatedClaim = {
  name: 'hollowHessian',
  title: 'The diagonal of a chain’s Hessian vanishes twice as fast as what lies beside it',
  statement:
    'Each diagonal entry is the square of a product of L - 1 weights, each other entry a product of L - 2: in the logarithm the diagonal falls twice as fast.',
  formula: '\\frac{d}{dL}\\operatorname{med}\\log|H_{11}| \\Big/ \\frac{d}{dL}\\operatorname{med}\\log|H_{12}| = 2',
  provenance: 'derived',
  assumptions: ['width 1, squared error, target 1', 'independent uniform weights of variance 1'],
  recipe: '20,000 chains (full: 200,000) at depths 10, 20, 40; the ratio of the two slopes must lie between 1.9 and 2.1.',
  example: {
    network: { kind: 'mlpChain', depth: 8, width: 16 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    curvature: { offDiagonal: true },
  },
  *measure(budget, seed) {
    const rows: ReturnType<typeof chains>[] = [];
    for (const [i, depth] of depths.entries()) {
      rows.push(chains(budget === 'full' ? 200_000 : 20_000, depth, seed));
      yield (i + 1) / depths.length;
    }
    const ratio = (groups: readonly (readonly number[])[]) =>
      slope(depths, groups.slice(0, 3).map(median)) / slope(depths, groups.slice(3).map(median));
    const all = [...rows.map(({ diagonal }) => diagonal), ...rows.map(({ offDiagonal }) => offDiagonal)];
    const curve = (title: string, of: (row: (typeof rows)[number]) => number[], predicted: (depth: number) => number) => ({
      title,
      x: 'depth',
      y: 'median log',
      points: depths.map((x, i) => ({ x, y: median(of(rows[i]!)), predicted: predicted(x) })),
    });
    return {
      estimates: [{ name: 'ratio of the slopes', ...bootstrap(all, ratio, seed), predicted: 2, window: [1.9, 2.1] }],
      curves: [
        curve(
          'Diagonal',
          ({ diagonal }) => diagonal,
          (depth) => 2 * chainMedian(depth - 1),
        ),
        curve(
          'Off the diagonal',
          ({ offDiagonal }) => offDiagonal,
          (depth) => chainMedian(depth - 2),
        ),
      ],
    };
  },
};

const widthNeedsDepth: SimulatedClaim = {
  name: 'widthNeedsDepth',
  title: 'Width must grow with depth',
  statement:
    'The log of the squared norm after L layers of width d falls like L/d: it stays of order one only if the width grows in proportion to the depth.',
  formula:
    '\\mathbb E \\log\\frac{\\|x^L\\|^2}{\\|x^0\\|^2} = L\\,\\bigl(\\mathbb E\\,\\psi(K/2) + \\log\\tfrac4d\\bigr) \\approx -\\frac{5L}{2d}',
  provenance: 'derived',
  assumptions: ['ReLU, He, Gaussian weights, no biases', 'networks that died are left out'],
  recipe:
    'Widths 16, 32, 64 and depths 16, 32, 64, 128, 200 networks each (full: 2,000); the slope of the mean against L/d must lie between -3.0 and -2.4.',
  example: { network: { kind: 'mlpChain', depth: 32, width: 16 }, dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 } },
  *measure(budget, seed) {
    const widths = [16, 32, 64];
    const lengths = [16, 32, 64, 128];
    const cells: { width: number; depth: number; values: number[] }[] = [];
    for (const width of widths)
      for (const depth of lengths) {
        cells.push({ width, depth, values: logNorms({ width, depth, relu: true, draws: budget === 'full' ? 2_000 : 200 }, seed) });
        yield cells.length / (widths.length * lengths.length);
      }
    const x = cells.map(({ width, depth }) => depth / width);
    const through = (groups: readonly (readonly number[])[]) => slope(x, groups.map(average));
    const found = bootstrap(
      cells.map(({ values }) => values),
      through,
      seed,
    );
    const law = (width: number, depth: number) => depth * reluLayerLaw(width).mean;
    return {
      estimates: [
        {
          name: 'slope against L/d',
          ...found,
          predicted: slope(
            x,
            cells.map(({ width, depth }) => law(width, depth)),
          ),
          window: [-3, -2.4],
        },
      ],
      curves: widths.map((width) => ({
        title: `Width ${width}`,
        x: 'L/d',
        y: 'mean log ratio of squared norms',
        points: cells
          .filter((cell) => cell.width === width)
          .map(({ depth, values }) => ({ x: depth / width, y: average(values), predicted: law(width, depth) })),
      })),
    };
  },
};

const adaptiveEscape: SimulatedClaim = {
  name: 'adaptiveEscape',
  title: 'Adam leaves the plateau, gradient descent does not',
  statement:
    'From the flat region of a deep chain gradient descent needs a number of steps that is exponential in the depth; Adam and RMSprop need hardly more for twice the depth.',
  formula: 'T_{\\mathrm{GD}} \\sim \\frac{w_0^{-(L-2)}}{(L-2)\\,\\eta},\\qquad T_{\\mathrm{Adam}} = O(1)',
  provenance: 'derived',
  assumptions: ['width 1, squared error, target 1', 'weights of 0.64, each up to 5% off'],
  recipe:
    'Depths 10 and 20, until the loss is below 0.05, 5 draws (full: 50); gradient descent must take more than 20 times as many steps for the double depth, Adam and RMSprop less than 1.5 times.',
  example: {
    network: { kind: 'mlpChain', depth: 32, width: 16 },
    optimizer: { kind: 'adam', learningRate: 0.001 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    steps: 400,
  },
  *measure(budget, seed) {
    const draws = budget === 'full' ? 50 : 5;
    const kinds = ['gradientDescent', 'adam', 'rmsprop'] as const;
    const steps = new Map<string, number[]>();
    let done = 0;
    for (const kind of kinds)
      for (const depth of [10, 20]) {
        steps.set(
          `${kind} ${depth}`,
          Array.from({ length: draws }, (_, i) => escapeSteps(kind as Stepper, depth, seed * 1000 + i)),
        );
        yield ++done / (2 * kinds.length);
      }
    const ratio = (kind: string) =>
      bootstrap([steps.get(`${kind} 20`)!, steps.get(`${kind} 10`)!], ([long, short]) => median(long!) / median(short!), seed);
    return {
      estimates: [
        {
          name: 'gradient descent, steps at depth 20 over depth 10',
          ...ratio('gradientDescent'),
          predicted: 0.64 ** -10 * (8 / 18),
          window: [20, Infinity],
        },
        { name: 'Adam, the same ratio', ...ratio('adam'), predicted: 1, window: [0, 1.5] },
        { name: 'RMSprop, the same ratio', ...ratio('rmsprop'), predicted: 1, window: [0, 1.5] },
      ],
      curves: kinds.map((kind) => ({
        title: kind,
        x: 'depth',
        y: 'steps until the loss is below 0.05',
        points: [10, 20].map((x) => ({ x, y: median(steps.get(`${kind} ${x}`)!), predicted: null })),
      })),
    };
  },
};

export const orvieto2022vanishing: Paper = {
  card: {
    name: 'orvieto2022vanishing',
    title: 'Vanishing curvature in randomly initialized deep ReLU networks',
    formula: '\\operatorname{med}\\|x^L\\| \\approx e^{-5L/(4d)}',
    about:
      'Gradients and Hessians of deep random networks vanish in the median although their second moments stay; width in proportion to depth, residual connections and adaptive steps are what helps.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022',
  },
  fields: {},
  claims: [chainMedians, hollowHessian, widthNeedsDepth, adaptiveEscape],
  recorded: recorded as RecordedClaims,
};
