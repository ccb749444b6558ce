/** @file Heavy tails of stochastic gradient descent. */
import type { Paper } from '../define.ts';
import { heavyTails } from './claims/heavyTails.ts';
import { stableEstimator } from './claims/stableEstimator.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/gurbuzbalaban2021heavy.json' with { type: 'json' };

export const gurbuzbalaban2021heavy: Paper = {
  card: {
    name: 'gurbuzbalaban2021heavy',
    title: 'The heavy-tail phenomenon in SGD',
    formula: '\\mathbb E\\,|1 - \\eta h|^{\\alpha} = 1',
    about:
      'Even on Gaussian data and a quadratic loss the iterates of SGD settle to a law with a power tail, heavier for larger steps and smaller batches.',
    source: 'Gürbüzbalaban, Simsekli and Zhu 2021',
  },
  fields: {},
  claims: [stableEstimator, heavyTails],
  recorded: recorded as RecordedClaims,
};
