/** @file Gradients as they are. */
import type { Clipping } from '../define.ts';

export const none: Clipping = {
  card: {
    name: 'none',
    title: 'None',
    formula: 'g',
    about: 'The optimizer sees the gradients as they are.',
    source: 'definition',
  },
  fields: {},
};
