/** @file Random features whose weights are drawn from a bounded set: more of them help up to an error that no number of them takes away. */
import { solved } from '../../optimizers/positiveDefinite.ts';
import { rng, type Rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { beyondBand } from '../../theory/bandLimit.ts';
import { bootstrap, drawnSoFar, type Budget, type Estimate, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';

/** Frequencies of at most so much, uniformly; or of any size, the larger the rarer. */
export type Proposal = number | 'unbounded';
const proposals: readonly Proposal[] = [2, 4, 6, 'unbounded'];
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly widths: readonly number[] }>> = {
  tiny: { draws: 5, widths: [8, 32, 128] },
  quick: { draws: 20, widths: [4, 8, 16, 32, 64, 128, 256] },
  full: { draws: 60, widths: [4, 8, 16, 32, 64, 128, 256, 512] },
};
/** Of the target exp(κ(cos x - 1)): its k-th coefficient falls like exp(-k²/2κ), and none is zero. */
const kappa = 10;
const points = 128;
const angles = Array.from({ length: points }, (_, i) => (2 * Math.PI * i) / points);
const target = Float64Array.from(angles, (x) => Math.exp(kappa * (Math.cos(x) - 1)));
/** Of the unbounded proposal P(k) ∝ rᵏ. */
const decline = 0.85;
/** Ridge over the number of points: far below what can be seen, so that units that are drawn twice do no harm. */
const ridge = 1e-9;

const frequency = (proposal: Proposal, random: Rng): number =>
  proposal === 'unbounded' ? Math.floor(Math.log(1 - random.uniform()) / Math.log(decline)) : random.integer(proposal + 1);

/** ‖f - Σ a_j sin(k_j x + b_j)‖/‖f‖ over the period, the readout a the solution of (HᵀH + λI) a = Hᵀf. */
export function readoutError(proposal: Proposal, width: number, random: Rng): number {
  const units = Array.from({ length: width }, () => {
    const [k, b] = [frequency(proposal, random), 2 * Math.PI * random.uniform()];
    return Float64Array.from(angles, (x) => Math.sin(k * x + b));
  });
  const products = new Float64Array(width * width);
  const inner = (a: Float64Array, c: Float64Array) => a.reduce((sum, value, i) => sum + value * c[i]!, 0);
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) products[i * width + j] = products[j * width + i] = inner(units[i]!, units[j]!);
  const readout = solved(
    products,
    Float64Array.from(units, (unit) => inner(unit, target)),
    ridge * points,
  );
  const rest = target.map((value, i) => value - units.reduce((sum, unit, j) => sum + readout[j]! * unit[i]!, 0));
  return Math.sqrt(inner(rest, rest) / inner(target, target));
}

/** @param errorOf a network of random features */
export function* overProposals(budget: Budget, seed: number, errorOf = readoutError): Generator<Progress, Finding> {
  const { draws, widths } = sizes[budget];
  const found = proposals.map((): number[][] => []);
  const floor = (proposal: Proposal) => (proposal === 'unbounded' ? 0 : beyondBand(target, proposal));
  const middle = (values: readonly number[]) => bootstrap([values], ([all]) => median(all!), seed);
  const curves = () =>
    proposals.map((proposal, at) => ({
      figure: 'Error of the best readout over the number of units',
      title: proposal === 'unbounded' ? 'frequencies of any size' : `frequencies up to ${proposal}`,
      x: 'units',
      y: 'relative error',
      log: { x: true, y: true },
      ...(proposal === 'unbounded' ? {} : { law: '\\|f - P_A f\\|/\\|f\\|' }),
      points: found[at]!.map((values, i) => {
        const { value: y, interval } = middle(values);
        return { x: widths[i]!, y, interval, predicted: proposal === 'unbounded' ? null : floor(proposal) };
      }),
    }));
  for (const [at, proposal] of proposals.entries())
    for (const width of widths) {
      found[at]!.push(Array.from({ length: draws }, (_, i) => errorOf(proposal, width, rng(seed, 'init', 1_000 * at + width, i))));
      yield drawnSoFar((at + found[at]!.length / widths.length) / proposals.length, curves());
    }
  const widest = widths.at(-1)!;
  const bounded = proposals.flatMap((proposal, at) => (proposal === 'unbounded' ? [] : [{ proposal, at, least: floor(proposal) }]));
  return {
    estimates: [
      ...bounded.map(({ proposal, at, least }): Estimate => ({
        name: `error of ${widest} units over the bound, frequencies up to ${proposal}`,
        ...middle(found[at]!.at(-1)!.map((value) => value / least)),
        predicted: 1,
        window: [1 - 1e-6, 1.01],
      })),
      {
        name: 'least error of all draws and widths over its bound',
        ...bootstrap(
          [bounded.flatMap(({ at, least }) => found[at]!.flat().map((value) => value / least))],
          ([all]) => Math.min(...all!),
          seed,
        ),
        predicted: 1,
        window: [1 - 1e-6, Infinity],
      },
      { name: `error of ${widest} units, unbounded frequencies`, ...middle(found.at(-1)!.at(-1)!), predicted: 0, window: [0, 0.01] },
    ],
    curves: curves(),
  };
}

export const boundedProposal: SimulatedClaim = {
  name: 'boundedProposal',
  title: 'Random features drawn from a bounded set do not approximate every smooth function',
  statement:
    'With the hidden layer frozen as it was drawn and the readout solved for, more units help only until they span what their weights can say. Where weights are drawn from a bounded set, an error remains that no width takes away, for a smooth target too; where they can be of any size, it goes on falling.',
  formula: 'a = (H^\\top H + \\lambda I)^{-1} H^\\top f,\\qquad \\|f - H a\\| \\ge \\|f - P_A f\\| > 0\\ \\text{for}\\ |k_j| \\le A',
  provenance: 'derived',
  assumptions: [
    'units sin(kx + b) with whole k on one period, so that the bound is exact: the target’s share beyond frequency A',
    'target exp(10 (cos x - 1)): smooth, with every frequency in it',
    'the error is that of approximation: at all points, without noise',
  ],
  recipe:
    'Frequencies uniform on 0 … A for A = 2, 4, 6, or P(k) ∝ 0.85ᵏ without a bound; 4 to 256 units (full: 512), 20 draws (full: 60), the readout by least squares with a ridge of 10⁻⁹ per point. With 256 units the median error must be within 1% of the bound for each A, below 0.01 without one, and no draw of any width may fall below its bound.',
  discrepancy:
    'The paper bounds the error from below by ridgelet analysis, for hidden weights and biases of a general network in a bounded domain; that theorem is not recomputed here. Sines on a period are our example of it: there the bound is an equality that can be checked to rounding. On an interval shorter than a period waves of bounded frequency approximate everything in the limit, but with readouts too large for any arithmetic.',
  example: {
    network: { kind: 'twoLayer', width: 64, bias: true, trained: 'readout' },
    activation: 'sine',
    dataset: { kind: 'chebyshev', degree: 4, train: 20 },
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent', learningRate: 0.01 },
    batchSize: 20,
  },
  measure: (budget, seed) => overProposals(budget, seed),
};
