/** @file A learning rate that grows with the weights: the arm that shows what the decline of the effective learning rate costs. */
import type { Regularizer } from '../define.ts';
import { nonZero } from '../graph/compose.ts';
import { dropoutShare } from './coefficients.ts';

export const learningRateScaling: Regularizer = {
  card: {
    name: 'learningRateScaling',
    title: 'Learning-rate scaling',
    formula: '\\eta_\\ell(t) = \\eta_t\\, \\|w_\\ell(t)\\|^2/\\|w_\\ell(0)\\|^2',
    about:
      'For layers directly followed by a normalization: without decay their norm grows and the effective rate η/‖w‖² falls; this keeps it at that of step 0.',
    source: 'Liu, Cui, Wan, Mao and Chan 2021; the rule is our choice',
  },
  fields: { dropout: dropoutShare },
  dropout: ({ dropout }) => dropout as number,
  after(g, { before, after, slots, initial }) {
    const axes = before.shape.map((_, axis) => axis).slice(1);
    const growth = g.div(g.norm(before, axes, true), nonZero(g, g.norm(initial(), axes, true))); // [G, 1, …]
    const rateFactor = g.square(growth);
    return { weights: g.add(before, g.mul(g.sub(after, before), rateFactor)), slots, rateFactor };
  },
  treatment: ({ role }, { scaleInvariant }) => (role === 'weight' && scaleInvariant !== false ? 'scale' : null),
};
