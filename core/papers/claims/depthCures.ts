/** @file Depth spreads data apart: the smallest eigenvalue of the last hidden layer's Gram matrix, over depth. */
import { closedForms, deeper, gramOfHidden, halfCircle } from '../../theory/gramLaws.ts';
import { exact, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { smallest } from '../simulations/gram.ts';

/** @param next the correlations behind a layer, from those before it */
export function* walkDown(budget: Budget, next = deeper): Generator<number, Finding> {
  const depths = Array.from({ length: budget === 'full' ? 30 : 16 }, (_, i) => i + 1);
  const walk = (kind: 'erf' | 'relu') => {
    const { slope, value } = closedForms[kind]!();
    let correlations = halfCircle(16);
    return depths.map(() => {
      const found = smallest(gramOfHidden(correlations, slope));
      correlations = next(correlations, value);
      return found;
    });
  };
  const erf = walk('erf');
  yield 0.5;
  const relu = walk('relu');
  const ratio = (values: readonly number[]) => values[15]! / values[0]!;
  const curve = (title: string, values: readonly number[]) => ({
    figure: 'Smallest eigenvalue over depth',
    title,
    x: 'depth',
    y: 'smallest eigenvalue',
    log: { y: true },
    points: depths.map((x, i) => ({ x, y: values[i]!, predicted: null })),
  });
  return {
    estimates: [
      exact('erf, growth from depth 1 to 16', ratio(erf), Infinity, [1e4, Infinity]),
      exact('ReLU, the same', ratio(relu), 1, [0.8, 1.3]),
    ],
    curves: [curve('erf', erf), curve('ReLU', relu)],
  };
}

export const depthCures: SimulatedClaim = {
  name: 'depthCures',
  title: 'Depth cures smooth activations',
  statement:
    'Each layer of a smooth activation spreads the data apart: the smallest eigenvalue of the last hidden layer’s Gram matrix grows by orders of magnitude over sixteen layers, while for ReLU it hardly moves.',
  formula: '\\rho_{\\ell+1} = k_0(\\rho_\\ell)/k_0(1),\\qquad G^{(\\ell)} = \\rho_\\ell\\, k_1(\\rho_\\ell)',
  provenance: 'paper',
  assumptions: ['infinite width, normalized activations', '16 evenly spaced points on a half circle'],
  recipe: 'λ_min at depth 16 over depth 1: above 10,000 for erf, between 0.8 and 1.3 for ReLU.',
  example: {
    network: { kind: 'mlpChain', depth: 16 },
    activation: 'erf',
    init: 'lecun',
    dataset: { kind: 'halfCircle', train: 16 },
    batchSize: 16,
    loss: 'meanSquaredError',
    metrics: { gram: 'auto' },
  },
  measure: (budget) => walkDown(budget),
};
