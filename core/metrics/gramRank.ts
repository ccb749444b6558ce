/** @file How many equal eigenvalues would spread as wide as those of the tangent kernel. */
import type { Metric } from '../define.ts';
import { participation } from './moments.ts';

export const gramRank: Metric = {
  card: {
    name: 'gramRank',
    title: 'Effective rank of the Gram matrix',
    formula: '(\\operatorname{tr}G)^2/\\operatorname{tr}G^2',
    about: 'How many equal eigenvalues would spread as wide as those of the tangent kernel.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'linear',
  gram: ({ values }) => Float64Array.of(participation(values())),
};
