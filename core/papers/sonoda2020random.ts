/** @file Random features: what a frozen hidden layer can say depends on where its weights are drawn. */
import type { Paper } from '../define.ts';
import { boundedProposal } from './claims/boundedProposal.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/sonoda2020random.json' with { type: 'json' };

export const sonoda2020random: Paper = {
  card: {
    name: 'sonoda2020random',
    title: 'How powerful are shallow neural networks with bandlimited random weights?',
    formula: '\\inf_a \\|f - \\textstyle\\sum_j a_j\\, \\phi(w_j \\cdot x + b_j)\\| > 0,\\qquad (w_j, b_j) \\in \\text{bounded set}',
    about:
      'A network whose hidden weights stay as they were drawn approximates everything only if they are drawn widely enough: from a bounded set an error remains at every width.',
    source: 'Li, Sonoda, Cao, Wang and Liang 2020',
  },
  fields: {},
  claims: [boundedProposal],
  recorded: recorded as RecordedClaims,
};
