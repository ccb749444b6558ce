/** @file How many directions of equal size the activations of the probe batch fill. */
import { dot } from '../curvature/vectors.ts';
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const activationRank: Metric = {
  card: {
    name: 'activationRank',
    title: 'Rank of the representation',
    formula: '(\\operatorname{tr} C)^2/\\operatorname{tr} C^2,\\quad C_{bc} = \\langle x_b^\\ell, x_c^\\ell\\rangle',
    about: 'How many directions of equal size the activations of the probe batch fill: 1 where all samples are multiples of one.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ activation }) => {
    const rows = samplesOf(activation);
    const scale = norm(activation.values);
    const squares = rows.flatMap((x) => rows.map((y) => (dot(x, y) / scale ** 2) ** 2));
    return 1 / squares.reduce((sum, value) => sum + value, 0);
  }),
};
