/** @file The back-propagated derivative of each layer over that of the last one. */
import type { Metric } from '../define.ts';
import { norm } from './moments.ts';

export const deltaRatio: Metric = {
  card: {
    name: 'deltaRatio',
    title: 'Back-propagated derivative against the last layer',
    formula: '\\|\\delta^\\ell\\|/\\|\\delta^L\\|',
    about: 'The back-propagated derivative of each layer over that of the last one: 1 all the way down where nothing vanishes or explodes.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: ({ layers }) => {
    const norms = Float64Array.from(layers, ({ delta }) => (delta ? norm(delta.values) : NaN));
    return norms.map((value) => value / norms.at(-1)!);
  },
};
