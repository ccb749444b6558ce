/** @file Edge of stability: gradient descent on neural networks drives the sharpness to two over the learning rate. */
import type { Paper } from '../define.ts';
import { edgeOfStability } from './claims/edgeOfStability.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/cohen2021edge.json' with { type: 'json' };

export const cohen2021edge: Paper = {
  card: {
    name: 'cohen2021edge',
    title: 'Gradient descent on neural networks typically occurs at the edge of stability',
    formula: '\\lambda_{\\max}(\\nabla^2 L(w_t)) \\to 2/\\eta',
    about:
      'Full-batch gradient descent does not stay where its step is safe: the sharpness rises to the largest value at which a step does not diverge, and hovers there.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021',
  },
  fields: {},
  claims: [edgeOfStability],
  recorded: recorded as RecordedClaims,
};
