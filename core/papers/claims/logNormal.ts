/** @file At β = ½ and independent weights, the log of the ratio of norms is normal: of the signal and of its gradient. */
import { mean } from '../../statistics.ts';
import { logNormRatio } from '../../theory/residualScaling.ts';
import { bootstrap, drawnSoFar, type Budget, type Estimate, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { signals, type Signals } from '../simulations/residual.ts';

const variance = (all: readonly number[]) => mean(all.map((value) => (value - mean(all)) ** 2));
const [low, width] = [0, 0.035];
const sides = [
  ['signal', 'ratio', 'log ‖h_L‖ / ‖h_0‖'],
  ['gradient', 'gradientRatio', 'log ‖p_0‖ / ‖p_L‖'],
] as const;
const sizes = { tiny: [60, 60, 250], quick: [100, 300, 300], full: [100, 1000, 10_000] } as const;

/** @param draw the signals of one network */
export function* histograms(budget: Budget, seed: number, draw = signals): Generator<Progress, Finding> {
  const [d, depth, draws] = sizes[budget];
  const drawn: Signals[] = [];
  const law = logNormRatio(depth, d, 0.5);
  const density = (x: number) => Math.exp(-((x - law.mean) ** 2) / (2 * law.variance)) / Math.sqrt(2 * Math.PI * law.variance);
  const bins = Array.from({ length: 15 }, (_, b) => low + width * b);
  const logs = (of: 'ratio' | 'gradientRatio') => drawn.map((network) => Math.log(network[of]));
  const curves = () =>
    sides.map(([side, of, x]) => ({
      title: `Histogram of the ${side}`,
      x,
      y: 'density',
      points: bins.map((start) => ({
        x: start + width / 2,
        y: logs(of).filter((value) => value >= start && value < start + width).length / drawn.length / width,
        predicted: density(start + width / 2),
      })),
    }));
  for (let i = 0; i < draws; i++) {
    drawn.push(...draw(d, depth, [0.5], 'independent', seed, i));
    if (i % 20 === 19 || i === draws - 1) yield drawnSoFar((i + 1) / draws, curves());
  }
  return {
    estimates: sides.flatMap(([side, of]): Estimate[] => [
      {
        name: `${side}: mean of the log ratio`,
        ...bootstrap([logs(of)], ([all]) => mean(all!), seed),
        predicted: law.mean,
        window: [law.mean - 0.02, law.mean + 0.02],
      },
      {
        name: `${side}: variance of the log ratio`,
        ...bootstrap([logs(of)], ([all]) => variance(all!), seed),
        predicted: law.variance,
        window: [0.7 * law.variance, 1.3 * law.variance],
      },
    ]),
    curves: curves(),
  };
}

export const logNormal: SimulatedClaim = {
  name: 'logNormal',
  title: 'At β = ½ the log of the norm’s ratio is normal',
  statement:
    'The ratio of output to input norm is log-normal at initialization, with a mean and a variance that depend on the width alone; so is the ratio of the gradient’s norms.',
  formula:
    '\\log\\frac{\\|h_L\\|}{\\|h_0\\|},\\ \\log\\frac{\\|p_0\\|}{\\|p_L\\|} \\sim \\mathcal N\\Bigl(\\frac14 - \\frac1{2d},\\ \\frac1{2d}\\Bigr)',
  provenance: 'derived',
  assumptions: ['res-3 blocks with ReLU, β = ½', 'independent Gaussian entries of variance 1/d', 'L large against 1, d large'],
  recipe:
    'd = 100, L = 300 (full: 1,000), 300 networks (full: 10,000); the mean within 0.02, the variance within 30%, for the signal and for the gradient.',
  discrepancy:
    'As the width grows the mean tends to ¼ and the ratio to e^¼; at a finite width the median ratio is e^(1/4 - 1/(2d)), and it is this value that networks of the paper’s size, d = 100, are measured to have.',
  example: {
    network: { kind: 'resnet', depth: 100, width: 100, beta: 0.5 },
    init: { kind: 'lecun', distribution: 'uniform' },
    dataset: 'teacherNetwork',
  },
  measure: (budget, seed) => histograms(budget, seed),
};
