/** @file Rank of the outputs’ derivatives by all trained parameters, on more random inputs than parameters. */
import type { Metric } from '../define.ts';
import { dimensionLimit } from './moments.ts';

export const functionDimension: Metric = {
  card: {
    name: 'functionDimension',
    title: 'Dimension of the function family',
    formula: '\\operatorname{rank}\\,\\partial f(x_1,\\dots,x_n)/\\partial w',
    about:
      'Rank of the outputs’ derivatives by all trained parameters, on more random inputs than parameters: of how many dimensions the polynomials are that the network can reach nearby, as far as float64 tells them apart. For polynomial activations without normalization, up to 400 parameters.',
    source: 'Kileel, Trager and Bruna 2019',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'linear',
  absent: 'only networks that are polynomials (activation, no normalization, no largest of a window), up to 400 parameters, have one',
  applies: ({ spec, parameterCount }) =>
    spec.network.kind !== 'nystrom' &&
    spec.network.pooling !== 'max' &&
    ['linear', 'quadratic', 'cubic', 'hermite'].includes(spec.activation.kind) &&
    (spec.network.normalization ?? 'none') === 'none' &&
    parameterCount <= dimensionLimit,
  gram: ({ dimension }) => Float64Array.of(dimension()),
};
