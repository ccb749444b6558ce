/** @file NovoGrad: normalization of gradients layer by layer. */
import type { Paper } from '../define.ts';
import { lossScaleInvariance } from './claims/lossScaleInvariance.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/ginsburg2019novograd.json' with { type: 'json' };

export const ginsburg2019novograd: Paper = {
  card: {
    name: 'ginsburg2019novograd',
    title: 'Stochastic gradient methods with layer-wise adaptive moments for training of deep networks',
    formula: 'm \\leftarrow \\beta_1 m + \\frac{g}{\\sqrt{v} + \\epsilon} + \\lambda w',
    about:
      'One second moment per layer in place of one per weight: steps that do not depend on the unit of the loss, with half of Adam’s memory.',
    source: 'Ginsburg et al. 2019',
  },
  fields: {},
  claims: [lossScaleInvariance],
  recorded: recorded as RecordedClaims,
};
