/** @file How far a residual stream with independent weights is from where it began, block by block. */
import type { Prediction } from '../define.ts';
import { hasActivation, hasInit, hasNormalization, isStandard, takesAllBlocks, unmet, withoutDropout } from './assumptions.ts';

export const residualDisplacement: Prediction = {
  card: {
    name: 'residualDisplacement',
    title: 'Displacement of a residual stream',
    formula: '\\frac{\\|h_k - h_0\\|}{\\|h_0\\|} \\approx \\sqrt{(1 + \\tfrac12 L^{-2\\beta})^k - 1}',
    about: 'Root mean square over independent weights of variance 1/d, exact for every depth and width; a single network lies around it.',
    source: 'Marion, Fermanian, Biau and Vert 2025; exact form derived here',
  },
  fields: {},
  metric: 'displacement',
  symbol: '√((1+α²/2)ᵏ-1)',
  when: 'start',
  unmet: (plan) =>
    unmet(
      plan.spec.network.kind === 'resnet' ? null : `needs a residual network, the network is ${plan.spec.network.kind}`,
      plan.spec.network.branch === 'res3' ? null : `needs branches res3, the network has ${plan.spec.network.branch ?? 'none'}`,
      plan.spec.network.gate ? 'needs branches without a gate' : null,
      takesAllBlocks(plan),
      hasNormalization(plan, 'none'),
      hasActivation(plan, 'relu'),
      hasInit(plan, 'lecun'),
      isStandard(plan),
      withoutDropout(plan),
    ),
  expect({ spec: { network }, network: { layers } }) {
    const [depth, beta] = [Number(network.depth), Number(network.beta)];
    let block = 0;
    // the stream is seen where a branch ends
    const value = layers.map(({ kind }, i) => {
      if (kind !== 'branch' || layers[i + 1]?.name.split('.')[0] === layers[i]!.name.split('.')[0]) return NaN;
      return Math.sqrt(Math.expm1(++block * Math.log1p(depth ** (-2 * beta) / 2)));
    });
    return { value };
  },
};
