/** @file P2: what weight decay does to weights in front of batch normalization, and what rescaling them by hand does instead. */
import type { Paper } from '../define.ts';
import { convolutionalRescaling } from './claims/convolutionalRescaling.ts';
import { decayEquilibrium } from './claims/decayEquilibrium.ts';
import { fewSamples } from './claims/fewSamples.ts';
import { momentumRescaling } from './claims/momentumRescaling.ts';
import { noiseOffSpan } from './claims/noiseOffSpan.ts';
import { scaleInvariance } from './claims/scaleInvariance.ts';
import { spanNoise } from './claims/spanNoise.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/liu2021rescaling.json' with { type: 'json' };

export const liu2021rescaling: Paper = {
  place: 2,
  card: {
    name: 'liu2021rescaling',
    title: 'Weight rescaling: effective and robust regularization for deep neural networks with batch normalization',
    formula: 'w \\leftarrow w/\\|w\\|',
    about:
      'The first version explains weight decay by weight noise: SGD leaves the part of the weights outside the span of the features as it was drawn. The second drops that account for a rising effective learning rate. Both put rescaling to unit norm in place of decay.',
    source: 'Liu, Cui, Wan, Mao and Chan 2021 (first version), 2022 (second)',
  },
  fields: {},
  claims: [scaleInvariance, decayEquilibrium, spanNoise, noiseOffSpan, momentumRescaling, fewSamples, convolutionalRescaling],
  recorded: recorded as RecordedClaims,
};
