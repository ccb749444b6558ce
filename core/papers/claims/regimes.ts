/** @file Independent weights: the factor L^-β of the branches decides between identity, balance and explosion, forward and backward alike. */
import { mean } from '../../statistics.ts';
import { meanSquaredDisplacement } from '../../theory/residualScaling.ts';
import { bootstrap, type Curve, type Estimate, type SimulatedClaim } from '../claim.ts';
import { signals } from '../simulations/residual.ts';

const rootMeanSquare = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value ** 2)));
const sides = [
  ['signal', 'moved', '‖h_L - h_0‖ / ‖h_0‖'],
  ['gradient', 'gradientMoved', '‖p_0 - p_L‖ / ‖p_L‖'],
] as const;
const betas = [1, 0.5, 0.25];
const sizes = {
  tiny: { depths: [10, 100], count: 60 },
  quick: { depths: [10, 30, 100, 300], count: 60 },
  full: { depths: Array.from({ length: 10 }, (_, i) => 10 + 110 * i), count: 200 },
};

export const regimes: SimulatedClaim = {
  name: 'regimes',
  title: 'Independent weights: identity, balance or explosion, decided by β against ½',
  statement:
    'With α = L^-β a residual network at initialization is the identity for β above ½, explodes below, and moves its input by a fixed factor at ½; its gradient does the same.',
  formula:
    '\\mathbb E\\,\\frac{\\|h_L - h_0\\|^2}{\\|h_0\\|^2} = \\mathbb E\\,\\frac{\\|p_0 - p_L\\|^2}{\\|p_L\\|^2} = \\bigl(1 + \\tfrac12 L^{-2\\beta}\\bigr)^L - 1',
  provenance: 'derived',
  assumptions: ['res-3 blocks with ReLU', 'independent Gaussian entries of variance 1/d', 'a readout drawn independently'],
  recipe:
    'd = 40, β in {1, ½, ¼}, L from 10 to 300 (full: the paper’s ten depths up to 1,000), 60 networks each (full: 200); the root mean square must be within 15% of the formula for β ≥ ½, within 30% in the logarithm for ¼, for the signal and for the gradient.',
  example: {
    network: { kind: 'resnet', depth: 100, width: 40, beta: 0.5 },
    init: { kind: 'lecun', distribution: 'uniform' },
    dataset: 'teacherNetwork',
  },
  *measure(budget, seed) {
    const { depths, count } = sizes[budget];
    const law = (depth: number, beta: number) => Math.sqrt(meanSquaredDisplacement(depth, beta));
    const estimates: Estimate[] = [];
    const curves = new Map<string, Curve>();
    let done = 0;
    for (const beta of betas)
      for (const depth of depths) {
        const drawn = Array.from({ length: count }, (_, draw) => signals(40, depth, [beta], 'independent', seed, draw)[0]!);
        const predicted = law(depth, beta);
        const window = beta >= 0.5 ? ([0.85 * predicted, 1.15 * predicted] as const) : ([predicted ** 0.7, predicted ** 1.3] as const);
        for (const [side, of, y] of sides) {
          const found = bootstrap([drawn.map((network) => network[of])], ([all]) => rootMeanSquare(all!), seed);
          estimates.push({ name: `${side} at β = ${beta}, L = ${depth}`, ...found, predicted, window });
          const title = `${side}, β = ${beta}`;
          const known = curves.get(title) ?? {
            figure: `Displacement of the ${side}`,
            title,
            x: 'depth',
            y,
            log: { x: true, y: true },
            points: [],
          };
          curves.set(title, { ...known, points: [...known.points, { x: depth, y: found.value, interval: found.interval, predicted }] });
        }
        yield { share: ++done / (betas.length * depths.length), finding: { estimates, curves: [...curves.values()] } };
      }
    return { estimates, curves: [...curves.values()] };
  },
};
