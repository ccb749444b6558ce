/** @file The independent-component layer: normalization and dropout in front of each weight layer. */
import type { Paper } from '../define.ts';
import { icCorrelation } from './claims/icCorrelation.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/chen2019rethinking.json' with { type: 'json' };

export const chen2019rethinking: Paper = {
  card: {
    name: 'chen2019rethinking',
    title: 'Rethinking the usage of batch normalization and dropout in the training of deep neural networks',
    formula: '\\operatorname{corr}(g_i x_i, g_j x_j) = p\\, c_{ij}',
    about: 'Batch normalization followed by dropout, both in front of the weights, makes the inputs of a layer less dependent.',
    source: 'Chen, Chen, Shi, Hsieh, Liao and Zhang 2019',
  },
  fields: {},
  claims: [icCorrelation],
  recorded: recorded as RecordedClaims,
};
