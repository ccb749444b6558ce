/** @file Weights that vary smoothly over depth add up: the critical scale of the branches is L^-1, not L^-½. */
import { median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, slope, type Estimate, type SimulatedClaim } from '../claim.ts';
import { signals, type Signals } from '../simulations/residual.ts';

const sides = [
  ['signal', 'moved', 'median ‖h_L - h_0‖ / ‖h_0‖'],
  ['gradient', 'gradientMoved', 'median ‖p_0 - p_L‖ / ‖p_L‖'],
] as const;
const betas = [2, 1, 0.5];
const sizes = {
  tiny: { width: 10, depths: [30, 300], count: 14 },
  quick: { width: 16, depths: [30, 100, 300], count: 20 },
  full: { width: 40, depths: [30, 100, 300, 1000], count: 50 },
};

export const smoothThreshold: SimulatedClaim = {
  name: 'smoothThreshold',
  title: 'Smooth weights: the threshold moves to β = 1',
  statement:
    'Weights that vary smoothly over depth add up coherently: at β = 1 the network has a limit as it deepens, at β = 2 it becomes the identity like 1/L, and at β = ½ it explodes. Gradients alike.',
  formula: '\\beta^* = 1,\\qquad \\frac{\\|h_L - h_0\\|}{\\|h_0\\|} \\sim L^{1 - \\beta}\\ (\\beta > 1)',
  provenance: 'paper',
  assumptions: ['res-3 blocks with ReLU', 'each weight a path of a Gaussian process with kernel variance 0.01 over depth 0 to 1'],
  recipe:
    'd = 16 (full: 40), L = 30, 100, 300 (full: 1,000), 20 networks (full: 50): at β = 1 the medians at the ends differ by less than 25%, at β = 2 the slope in logarithms is -1 ± 0.1, at β = ½ the displacement grows more than 20 times.',
  example: { network: { kind: 'resnet', depth: 100, width: 40, beta: 1 }, init: 'smooth', dataset: 'teacherNetwork' },
  *measure(budget, seed) {
    const { width, depths, count } = sizes[budget];
    const drawn: Signals[][][] = []; // per depth, per network, per β
    const groups = (b: number, of: 'moved' | 'gradientMoved') => drawn.map((networks) => networks.map((network) => network[b]![of]));
    const curves = () =>
      sides.flatMap(([side, of, y]) =>
        betas.map((beta, b) => ({
          figure: `Displacement of the ${side}`,
          title: `β = ${beta}`,
          x: 'depth',
          y,
          log: { x: true, y: true },
          points: groups(b, of).map((values, i) => ({ x: depths[i]!, y: median(values), predicted: null })),
        })),
      );
    for (const depth of depths) {
      const networks: Signals[][] = [];
      for (let draw = 0; draw < count; draw++) {
        networks.push(signals(width, depth, betas, 'rbf', seed, draw));
        yield (drawn.length + draw / count) / depths.length;
      }
      drawn.push(networks);
      yield drawnSoFar(drawn.length / depths.length, curves());
    }
    type Groups = readonly (readonly number[])[];
    const ends = (groups: Groups) => median(groups.at(-1)!) / median(groups[0]!);
    const steepness = (groups: Groups) =>
      slope(
        depths.map(Math.log),
        groups.map((values) => Math.log(median(values))),
      );
    const estimates = sides.flatMap(([side, of]): Estimate[] => {
      const [two, one, half] = betas.map((_, b) => groups(b, of));
      return [
        {
          name: `${side}, β = 1: displacement at the deepest over the shallowest`,
          ...bootstrap(one!, ends, seed),
          predicted: 1,
          window: [0.75, 1.25],
        },
        { name: `${side}, β = 2: slope in logarithms`, ...bootstrap(two!, steepness, seed), predicted: -1, window: [-1.1, -0.9] },
        {
          name: `${side}, β = ½: log of the growth`,
          ...bootstrap(half!, (groups) => Math.log(ends(groups)), seed),
          predicted: Infinity,
          window: [Math.log(20), Infinity],
        },
      ];
    });
    return { estimates, curves: curves() };
  },
};
