/** @file Straight-through estimators: training through a threshold. */
import type { Paper } from '../define.ts';
import { straightThrough } from './claims/straightThrough.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/yin2019straight.json' with { type: 'json' };

export const yin2019straight: Paper = {
  card: {
    name: 'yin2019straight',
    title: 'Understanding straight-through estimator in training activation quantized neural nets',
    formula: "\\mathbb 1[z > 0]' \\to \\mu'(z)",
    about:
      'A threshold is trained by a derivative that is not its own; which one is put there decides whether training descends and where it rests.',
    source: 'Yin, Lyu, Zhang, Osher, Qi and Xin 2019',
  },
  fields: {},
  claims: [straightThrough],
  recorded: recorded as RecordedClaims,
};
