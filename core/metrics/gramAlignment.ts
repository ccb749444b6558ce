/** @file How far the tangent kernel already points along the centred targets. */
import type { Metric } from '../define.ts';
import { norm } from './moments.ts';

export const gramAlignment: Metric = {
  card: {
    name: 'gramAlignment',
    title: 'Alignment of the Gram matrix with the targets',
    formula: '\\textstyle\\sum_k \\tilde y_k^\\top G \\tilde y_k\\,/\\,(\\|\\tilde Y\\|_F^2\\,\\|G\\|_F),\\quad \\tilde Y = Y-\\bar Y',
    about: 'How far the tangent kernel already points along the centred targets: gradient descent is fast in these directions.',
    source: 'Cristianini, Shawe-Taylor, Elisseeff and Kandola 2001',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'linear',
  gram: ({ gram, targets, samples }) => {
    const outputs = targets.length / samples;
    let along = 0;
    for (let b = 0; b < samples; b++)
      for (let c = 0; c < samples; c++)
        for (let k = 0; k < outputs; k++) along += targets[b * outputs + k]! * gram[b * samples + c]! * targets[c * outputs + k]!;
    return Float64Array.of(along / norm(targets) ** 2 / norm(gram));
  },
};
