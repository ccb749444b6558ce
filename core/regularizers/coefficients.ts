/** @file Fields that regularizers share, and the weights they pull towards zero. */
import type { Field, Regularizer } from '../define.ts';

export const coefficient: Field = { type: 'number', title: 'Coefficient', symbol: '\\lambda', min: 0, max: 100, default: 5e-4, log: true };

/** Dropout beside whatever the regularizer does to the weights. */
export const dropoutShare: Field = {
  type: 'number',
  title: 'Dropout',
  symbol: 'p',
  min: 0,
  max: 0.95,
  default: 0,
  about: 'Share of the units that is left out behind every activation, in training steps only.',
};

/** Kernels only: biases and the scale and shift of a normalization are left alone. */
export const kernelsOnly: Regularizer['treatment'] = ({ role }) => (role === 'weight' ? 'decay' : null);
