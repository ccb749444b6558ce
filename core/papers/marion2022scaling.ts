/** @file P3: how residual branches must be scaled with depth, for independent and for smooth weights. */
import type { Paper } from '../define.ts';
import { mean, median } from '../statistics.ts';
import { logNormRatio, meanSquaredDisplacement } from '../theory/residualScaling.ts';
import { bootstrap, slope, type SimulatedClaim, type Curve } from './claim.ts';
import { displacement, type Residual } from './simulations/residual.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/marion2022scaling.json' with { type: 'json' };

const rootMeanSquare = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value ** 2)));
const draw = (options: Residual, draws: number, seed: number, of: 'moved' | 'ratio' = 'moved') =>
  Array.from({ length: draws }, (_, i) => displacement(options, seed, i)[of]);

const regimes: SimulatedClaim = {
  name: 'regimes',
  title: 'Independent weights: identity, balance or explosion, decided by β against ½',
  statement:
    'With α = L^-β a residual network at initialization is the identity for β above ½, explodes below, and moves its input by a fixed factor at ½.',
  formula: '\\mathbb E\\,\\frac{\\|h_L - h_0\\|^2}{\\|h_0\\|^2} = \\bigl(1 + \\tfrac12 L^{-2\\beta}\\bigr)^L - 1',
  provenance: 'derived',
  assumptions: ['res-3 blocks with ReLU', 'independent symmetric entries of variance 1/d'],
  recipe:
    'd = 40, β in {1, ½, ¼}, L from 10 to 300 (full: 1,000), 60 networks each (full: 200); the root mean square must be within 15% of the formula for β ≥ ½, within 30% in the logarithm for ¼.',
  example: {
    network: { kind: 'resnet', depth: 100, width: 40, beta: 0.5 },
    init: { kind: 'lecun', distribution: 'uniform' },
    dataset: 'teacherNetwork',
  },
  *measure(budget, seed) {
    const depths = budget === 'full' ? [10, 30, 100, 300, 1000] : [10, 30, 100, 300];
    const betas = [1, 0.5, 0.25];
    const cells: { beta: number; depth: number; values: number[] }[] = [];
    for (const beta of betas)
      for (const depth of depths) {
        cells.push({ beta, depth, values: draw({ width: 40, depth, beta, law: 'independent' }, budget === 'full' ? 200 : 60, seed) });
        yield cells.length / (betas.length * depths.length);
      }
    const law = (depth: number, beta: number) => Math.sqrt(meanSquaredDisplacement(depth, beta));
    return {
      estimates: cells.map(({ beta, depth, values }) => {
        const predicted = law(depth, beta);
        const window: [number, number] = beta >= 0.5 ? [0.85 * predicted, 1.15 * predicted] : [predicted ** 0.7, predicted ** 1.3];
        return {
          name: `displacement at β = ${beta}, L = ${depth}`,
          ...bootstrap([values], ([all]) => rootMeanSquare(all!), seed),
          predicted,
          window,
        };
      }),
      curves: betas.map((beta) => ({
        title: `β = ${beta}`,
        x: 'depth',
        y: 'root mean square displacement',
        points: cells
          .filter((cell) => cell.beta === beta)
          .map(({ depth, values }) => ({ x: depth, y: rootMeanSquare(values), predicted: law(depth, beta) })),
      })),
    };
  },
};

const logNormal: SimulatedClaim = {
  name: 'logNormal',
  title: 'At β = ½ the log of the norm’s ratio is normal',
  statement:
    'The ratio of output to input norm is log-normal at initialization, with a mean and a variance that depend on the width alone.',
  formula: '\\log\\frac{\\|h_L\\|}{\\|h_0\\|} \\sim \\mathcal N\\Bigl(\\frac14 - \\frac1{2d},\\ \\frac1{2d}\\Bigr)',
  provenance: 'derived',
  assumptions: ['res-3 blocks with ReLU, β = ½', 'independent symmetric entries of variance 1/d', 'L large against 1, d large'],
  recipe: 'd = 100, L = 300 (full: 1,000), 300 networks (full: 10,000); the mean within 0.02, the variance within 30%.',
  example: {
    network: { kind: 'resnet', depth: 100, width: 100, beta: 0.5 },
    init: { kind: 'lecun', distribution: 'uniform' },
    dataset: 'teacherNetwork',
  },
  *measure(budget, seed) {
    const [width, depth, draws] = budget === 'full' ? [100, 1000, 10_000] : [100, 300, 300];
    const values: number[] = [];
    for (let i = 0; i < draws; i++) {
      values.push(Math.log(displacement({ width, depth, beta: 0.5, law: 'independent' }, seed, i).ratio));
      if (i % 20 === 0) yield i / draws;
    }
    const law = logNormRatio(depth, width, 0.5);
    const variance = (all: readonly number[]) => mean(all.map((value) => (value - mean(all)) ** 2));
    const bins = Array.from({ length: 15 }, (_, b) => 0 + 0.035 * b);
    const density = (x: number) => Math.exp(-((x - law.mean) ** 2) / (2 * law.variance)) / Math.sqrt(2 * Math.PI * law.variance);
    return {
      estimates: [
        {
          name: 'mean of the log ratio',
          ...bootstrap([values], ([all]) => mean(all!), seed),
          predicted: law.mean,
          window: [law.mean - 0.02, law.mean + 0.02],
        },
        {
          name: 'variance of the log ratio',
          ...bootstrap([values], ([all]) => variance(all!), seed),
          predicted: law.variance,
          window: [0.7 * law.variance, 1.3 * law.variance],
        },
      ],
      curves: [
        {
          title: 'Histogram',
          x: 'log ratio of norms',
          y: 'density',
          points: bins.map((x) => ({
            x: x + 0.0175,
            y: values.filter((value) => value >= x && value < x + 0.035).length / draws / 0.035,
            predicted: density(x + 0.0175),
          })),
        },
      ],
    };
  },
};

const smoothThreshold: SimulatedClaim = {
  name: 'smoothThreshold',
  title: 'Smooth weights: the threshold moves to β = 1',
  statement:
    'Weights that vary smoothly over depth add up coherently: at β = 1 the network has a limit as it deepens, at β = 2 it becomes the identity like 1/L, and at β = ½ it explodes.',
  formula: '\\beta^* = 1,\\qquad \\frac{\\|h_L - h_0\\|}{\\|h_0\\|} \\sim L^{1 - \\beta}\\ (\\beta > 1)',
  provenance: 'paper',
  assumptions: ['res-3 blocks with ReLU', 'each weight a path of a Gaussian process with kernel variance 0.01 over depth 0 to 1'],
  recipe:
    'd = 16 (full: 40), L = 30, 100, 300 (full: 1,000), 10 networks (full: 50): at β = 1 the medians at the ends differ by less than 25%, at β = 2 the slope in logarithms is -1 ± 0.1, at β = ½ the displacement grows more than 20 times.',
  example: { network: { kind: 'resnet', depth: 100, width: 40, beta: 1 }, init: 'smooth', dataset: 'teacherNetwork' },
  *measure(budget, seed) {
    const [width, draws] = budget === 'full' ? [40, 50] : [16, 10];
    const depths = budget === 'full' ? [30, 100, 300, 1000] : [30, 100, 300];
    const groups = new Map<number, number[][]>();
    let done = 0;
    for (const beta of [2, 1, 0.5]) {
      groups.set(beta, []);
      for (const depth of depths) {
        groups.get(beta)!.push(draw({ width, depth, beta, law: 'rbf' }, draws, seed));
        yield ++done / (3 * depths.length);
      }
    }
    const ends = (all: readonly (readonly number[])[]) => median(all.at(-1)!) / median(all[0]!);
    const steepness = (all: readonly (readonly number[])[]) =>
      slope(
        depths.map(Math.log),
        all.map((values) => Math.log(median(values))),
      );
    const growth = (all: readonly (readonly number[])[]) => Math.log(ends(all));
    return {
      estimates: [
        {
          name: 'β = 1: displacement at the deepest over the shallowest',
          ...bootstrap(groups.get(1)!, ends, seed),
          predicted: 1,
          window: [0.75, 1.25],
        },
        { name: 'β = 2: slope in logarithms', ...bootstrap(groups.get(2)!, steepness, seed), predicted: -1, window: [-1.1, -0.9] },
        {
          name: 'β = ½: log of the growth',
          ...bootstrap(groups.get(0.5)!, growth, seed),
          predicted: Infinity,
          window: [Math.log(20), Infinity],
        },
      ],
      curves: [...groups].map(([beta, all]): Curve => ({
        title: `β = ${beta}`,
        x: 'depth',
        y: 'median displacement',
        points: depths.map((x, i) => ({ x, y: median(all[i]!), predicted: null })),
      })),
    };
  },
};

export const marion2022scaling: Paper = {
  place: 3,
  card: {
    name: 'marion2022scaling',
    title: 'Scaling ResNets in the large-depth regime',
    formula: 'h_{k+1} = h_k + L^{-\\beta} V_{k+1}\\, \\phi(W_{k+1} h_k)',
    about:
      'The factor in front of residual branches decides whether a deep network is the identity, has a limit or explodes; which factor is right depends on how the weights vary over depth.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  claims: [regimes, logNormal, smoothThreshold],
  recorded: recorded as RecordedClaims,
};
