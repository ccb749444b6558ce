/** @file In the Hessian of a chain the diagonal vanishes twice as fast, in the logarithm, as what lies beside it. */
import { median } from '../../statistics.ts';
import { chainMedian } from '../../theory/depthLaws.ts';
import { slope, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { chainDepths, chains, type ChainLogs } from '../simulations/chain.ts';
import { overMedians } from '../simulations/manyDraws.ts';

const counts: Readonly<Record<Budget, number>> = { tiny: 10_000, quick: 20_000, full: 200_000 };

/** @param draw entries of so many Hessians */
export function* slopesOfEntries(
  budget: Budget,
  seed: number,
  draw: (count: number, depth: number) => ChainLogs = (count, depth) => chains('uniform', count, depth, seed),
): Generator<number, Finding> {
  const rows: ChainLogs[] = [];
  for (const [i, depth] of chainDepths.entries()) {
    rows.push(draw(counts[budget], depth));
    yield (i + 1) / chainDepths.length;
  }
  const length = chainDepths.length;
  const ratio = (medians: readonly number[]) => slope(chainDepths, medians.slice(0, length)) / slope(chainDepths, medians.slice(length));
  const all = [...rows.map(({ diagonal }) => diagonal), ...rows.map(({ offDiagonal }) => offDiagonal)];
  const curve = (title: string, of: keyof ChainLogs, predicted: (depth: number) => number) => ({
    figure: 'Entries of the Hessian over depth',
    title,
    x: 'depth',
    y: 'median log',
    points: chainDepths.map((x, i) => ({
      x,
      y: median(rows[i]![of]),
      interval: overMedians([rows[i]![of]], ([middle]) => middle!, seed).interval,
      predicted: predicted(x),
    })),
  });
  return {
    estimates: [{ name: 'ratio of the slopes', ...overMedians(all, ratio, seed), predicted: 2, window: [1.9, 2.1] }],
    curves: [
      curve('Diagonal', 'diagonal', (depth) => 2 * chainMedian(depth - 1)),
      curve('Off the diagonal', 'offDiagonal', (depth) => chainMedian(depth - 2)),
    ],
  };
}

export const diagonalVanishes: SimulatedClaim = {
  name: 'diagonalVanishes',
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
  measure: (budget, seed) => slopesOfEntries(budget, seed),
};
