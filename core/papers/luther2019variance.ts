/** @file Variance between samples in deep ReLU networks: what usual initializations lose. */
import type { Paper } from '../define.ts';
import { dataDependentStart } from './claims/dataDependentStart.ts';
import { sampleVariance } from './claims/sampleVariance.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/luther2019variance.json' with { type: 'json' };

export const luther2019variance: Paper = {
  card: {
    name: 'luther2019variance',
    title: 'Sample variance decay in randomly initialized ReLU networks',
    formula: '\\overline{h^2} = \\operatorname{Var}_b h + \\overline{h}^2',
    about:
      'Initializations keep the total variance of activations; the variance between samples decays with depth in ReLU networks all the same, unless normalization or a start fitted to data keeps it.',
    source: 'Luther and Seung 2019',
  },
  fields: {},
  claims: [sampleVariance, dataDependentStart],
  recorded: recorded as RecordedClaims,
};
