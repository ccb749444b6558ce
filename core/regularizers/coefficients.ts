/** @file The field of the regularizers that pull weights towards zero. */
import type { Field, Regularizer } from '../define.ts';

export const coefficient: Field = { type: 'number', title: 'Coefficient', symbol: '\\lambda', min: 0, max: 100, default: 5e-4, log: true };

/** Kernels only: biases and the scale and shift of a normalization are left alone. */
export const kernelsOnly: Regularizer['treatment'] = ({ role }) => (role === 'weight' ? 'decay' : null);
